import { setFlagsFromString } from 'node:v8'
import { loadConfig } from '../config/load.ts'

/** Runs a bastion until SIGINT or SIGTERM; SIGHUP has it read its policy again. */
export async function serve(file: string, say: (text: string) => void): Promise<void> {
  // Loaded here alone: no other command needs the whole bastion, and most of them are short.
  const { openBastion } = await import('../compose.ts')
  const config = await loadConfig(file)
  const bastion = await openBastion({ config })
  const { ssh, http } = bastion
  say(`ssh  ${ssh.address}:${ssh.port}`)
  say(`http ${http.address}:${http.port} (${config.http.url})`)
  // From here on the same code runs for every packet: it is worth the compiler's best sooner than V8 would think. Not
  // before, since a start is all code that runs a few hundred times.
  setFlagsFromString('--invocation-count-for-turbofan=300')
  // What became of it is in the audit log.
  const reload = (): void => void bastion.steering.reloadPolicy('SIGHUP').catch(() => {})
  process.on('SIGHUP', reload)
  await stopSignal()
  process.off('SIGHUP', reload)
  await bastion.close()
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
