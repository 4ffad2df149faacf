// Becomes nobody, then says what it finds in the folder of credentials argv[2].
import { kekFromSystemd } from '@sallyport/keys/vault'

process.setgroups?.([])
process.setegid?.(65534)
process.seteuid?.(65534)
try {
  const directory = process.argv[2]
  const { id } = await kekFromSystemd({ name: 'kek', directory }).open(undefined)
  process.send?.(id)
} catch (error) {
  process.send?.(error instanceof Error ? error.message : 'failed')
}
process.disconnect()
