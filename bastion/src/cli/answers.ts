import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { Answer } from '../control/call.ts'
import { callControl, isNobodyThere } from '../control/client.ts'
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
  // Loaded here alone: while a bastion runs, this takes a fraction of what it loads.
  const { answerFromFiles } = await import('./answers-from-files.ts')
  return answerFromFiles(config, account, use)
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
