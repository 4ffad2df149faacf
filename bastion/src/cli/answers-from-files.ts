import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openAudit } from '../audit/audit.ts'
import { createClosers } from '../compose/closers.ts'
import { createHostKeys, openHostKeys } from '../compose/host-keys.ts'
import { openKeys } from '../compose/keys.ts'
import { composeOnboarding } from '../compose/onboarding.ts'
import type { Config } from '../config/config.ts'
import { cryptoReady } from '../ssh/internals.ts'
import type { AskFor } from './answers.ts'
import { accepted } from './control.ts'

/** Has what is asked about authorities and targets answered from the files of a configuration. */
export async function answerFromFiles<T>(
  config: Config,
  account: string | undefined,
  use: (askFor: AskFor, config: Config) => Promise<T>,
): Promise<T> {
  const closers = createClosers()
  try {
    await cryptoReady
    const now = Date.now
    await mkdir(config.data, { recursive: true, mode: 0o700 })
    const audit = openAudit({
      file: join(config.data, 'audit.ndjson'),
      now: () => new Date(),
      quiet: true,
    })
    closers.add(() => audit.close())
    const keys = await openKeys(config, { audit, now, closers })
    const store = await openHostKeys(config, now)
    closers.add(() => store.close())
    const hostKeys = createHostKeys({ store, audit, now })
    const targets = config.targets.map(({ hostKeys: _pinned, ...target }) => target)
    const { signal } = new AbortController()
    const answerCall = composeOnboarding({
      config,
      keys,
      hostKeys,
      targets,
      audit,
      now,
      signal,
    })
    const by = `command line${account === undefined ? '' : `, says it is ${account} (not verified)`}`
    return await use(async (method, path, body) => {
      const answer = await answerCall(by, { method, path, body })
      return accepted(answer ?? { status: 404, body: { error: 'no such path' } })
    }, config)
  } finally {
    await closers.closeAll()
  }
}
