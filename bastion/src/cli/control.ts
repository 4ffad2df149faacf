import { loadConfig } from '../config/load.ts'
import type { Answer } from '../control/call.ts'
import { callControl } from '../control/client.ts'
import { BastionError } from '../errors.ts'

/** A question to the bastion of a configuration file. */
export interface Ask {
  readonly config: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Milliseconds until an answer must be there. */
  readonly timeout?: number
}

/** Where a command of the command line prints to, and on whose behalf it runs. */
export interface Console {
  readonly json: boolean
  readonly say: (text: string) => void
  readonly account: string | undefined
  /** Where lines can change in place; undefined where they cannot. */
  readonly terminal?: Terminal | undefined
}

/** A terminal that somebody looks at. */
export interface Terminal {
  readonly columns: number
  readonly rows: number
  readonly write: (text: string) => void
}

/** Asks a running bastion. Throws ERR_BASTION_CONTROL when none runs, or it refuses. */
export async function ask(question: Ask, { account }: Console): Promise<Answer> {
  const { config, method, path, body, timeout } = question
  const { data } = await loadConfig(config)
  return accepted(await callControl({ data, method, path, body, account, timeout }))
}

/** Returns the answer unless it is a refusal, which it throws as ERR_BASTION_CONTROL. */
export function accepted(answer: Answer): Answer {
  const refused = answer.status >= 400 && answer.status !== 422
  if (refused) throw new BastionError('ERR_BASTION_CONTROL', errorOf(answer))
  return answer
}

function errorOf({ status, body }: Answer): string {
  const error = fieldsOf(body)['error']
  return typeof error === 'string' ? error : `the bastion answered with status ${status}`
}

/** The fields of a JSON object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value))
}

/** The members of a JSON list as objects; none of anything else. */
export function rowsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

/** Returns fields with blanks between them; what is absent is a dash. */
export function columns(...fields: readonly unknown[]): string {
  return fields.map((field) => plain(textOf(field))).join('  ')
}

function textOf(field: unknown): string {
  if (typeof field === 'string') return field
  return field === undefined ? '-' : JSON.stringify(field)
}

/** Names and reasons come from elsewhere, and must not play tricks on the terminal. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}
