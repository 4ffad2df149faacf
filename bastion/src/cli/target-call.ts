import { loadConfig, type Config } from '../config/index.ts'
import type { Answer, Call } from '../control/call.ts'
import { callControl, isNobodyThere } from '../control/client.ts'
import { BastionError } from '../errors.ts'
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
    if (!isNobodyThere(error)) throw error
    // Loaded here alone: while a bastion runs, this takes a fraction of what it loads.
    const { answerOnFiles } = await import('./target-files.ts')
    return answerOnFiles(config, account, call)
  }
}
