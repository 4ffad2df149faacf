import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openAudit } from '../audit/index.ts'
import { openHostKeys } from '../compose/host-keys.ts'
import { loadConfig, type Config } from '../config/index.ts'
import type { Answer, Call } from '../control/call.ts'
import { callControl } from '../control/client.ts'
import { BastionError } from '../errors.ts'
import { scanHostKeys } from '../route/scan-host-keys.ts'
import { cryptoReady } from '../ssh/internals.ts'
import { answerTargetCall, createTargetDesk } from '../targets/index.ts'
import { fieldsOf } from './control.ts'

/** How the commands about targets get their answers. */
export interface TargetCaller {
  readonly config: Config
  /** Throws ERR_BASTION_CONTROL with the sentence of a refusal. */
  call(call: Call): Promise<Readonly<Record<string, unknown>>>
}

/**
 * Returns what asks the bastion of a configuration file, or does the same with its files when none runs. Either way one
 * writer has them.
 */
export async function openTargetCaller(
  configFile: string,
  account: string | undefined,
): Promise<TargetCaller> {
  const config = await loadConfig(configFile)
  return {
    config,
    async call(call) {
      const answer = await answerOf(config, account, call)
      const { error, ...body } = fieldsOf(answer.body)
      if (answer.status === 200) return body
      const text = typeof error === 'string' ? error : `the bastion answered ${answer.status}`
      throw new BastionError('ERR_BASTION_CONTROL', text)
    },
  }
}

async function answerOf(config: Config, account: string | undefined, call: Call): Promise<Answer> {
  const { data } = config
  const { path, body } = call
  const method = call.method === 'POST' ? 'POST' : 'GET'
  try {
    return await callControl({ data, method, path, body, account })
  } catch (error) {
    if (!runsNowhere(error)) throw error
    return onFiles(config, account, call)
  }
}

/** The same desk as in a bastion, for one call; the lock keeps a bastion out that starts in the meantime. */
async function onFiles(config: Config, account: string | undefined, call: Call): Promise<Answer> {
  const { data, targets, limits } = config
  await mkdir(data, { recursive: true, mode: 0o700 })
  await cryptoReady
  const store = await openHostKeys(config, Date.now)
  const file = join(data, 'audit.ndjson')
  const audit = openAudit({ file, now: () => new Date(), quiet: true })
  try {
    const desk = createTargetDesk({
      targets,
      store,
      audit,
      scanHostKeys: (target) => scanHostKeys({ target, timeout: limits.upstreamTimeout * 1000 }),
    })
    const by = account === undefined ? 'command line' : `command line, as ${account}`
    const answer = await answerTargetCall(desk, by, call)
    return answer ?? { status: 404, body: { error: 'no such path' } }
  } finally {
    await store.close()
    audit.close()
  }
}

/** Told apart from a bastion that runs and fails: whose files those are is then not in doubt. */
function runsNowhere(error: unknown): boolean {
  const cause = error instanceof BastionError ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED'
}
