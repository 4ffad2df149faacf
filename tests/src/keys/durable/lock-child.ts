// Tries to take the writer lock on argv[2], says how it went, and keeps it until it is killed.
import { acquireWriterLock } from '@sallyport/keys/durable'

try {
  acquireWriterLock(process.argv[2] ?? '', { now: () => 0 })
  process.send?.('held')
  setInterval(() => {}, 1000)
} catch (error) {
  process.send?.(error instanceof Error ? error.message : 'failed')
  process.disconnect()
}
