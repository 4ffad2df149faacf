import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openAudit } from '../audit/audit.ts'
import { createClosers } from '../compose/closers.ts'
import { createHostKeys, openHostKeys } from '../compose/host-keys.ts'
import { openKeys } from '../compose/keys.ts'
import { composeOnboarding } from '../compose/onboarding.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { Answer } from '../control/call.ts'
import { callControl, isNobodyThere } from '../control/client.ts'
import { cryptoReady } from '../ssh/internals.ts'
import { accepted, type Console } from './control.ts'

/** Asks, and throws ERR_BASTION_CONTROL for a refusal. */
export type AskFor = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<Answer>

/**
 * Has what is asked about authorities and targets answered: by the running bastion, or from its files when none runs.
 * Nobody else can write the files in that time, and no bastion can start.
 */
export async function withAnswers<T>(
  file: string,
  console: Console,
  use: (askFor: AskFor, config: Config) => Promise<T>,
): Promise<T> {
  const config = await loadConfig(file)
  const { account } = console
  const askBastion: AskFor = async (method, path, body) =>
    accepted(await callControl({ data: config.data, method, path, body, account }))
  if (await runs(askBastion)) return use(askBastion, config)
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

async function runs(askBastion: AskFor): Promise<boolean> {
  try {
    await askBastion('GET', '/api/authorities')
    return true
  } catch (error) {
    if (isNobodyThere(error)) return false
    throw error
  }
}
