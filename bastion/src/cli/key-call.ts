import { ask, columns, fieldsOf, type Console } from './control.ts'

/** Keys, as the command line has them. */
export interface KeySelection {
  readonly keys: readonly string[]
  readonly target: readonly string[]
  readonly label: readonly string[]
}

/** Looking at many targets takes as long as the slowest of them. */
const TIMEOUT = 10 * 60 * 1000

/** Returns a selection as the bastion is asked with it. */
export function bodyOf({ keys, target, label }: KeySelection): Record<string, unknown> {
  const labels = Object.fromEntries(label.map((text) => text.split(/=(.*)/s).slice(0, 2)))
  return {
    ...(keys.length === 0 ? {} : { keys }),
    ...(target.length === 0 ? {} : { targets: target }),
    ...(label.length === 0 ? {} : { labels }),
  }
}

/** Asks for something to be done, and returns the fields of the answer. */
export async function post(
  config: string,
  path: string,
  body: unknown,
  console: Console,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask({ config, method: 'POST', path, body, timeout: TIMEOUT }, console)
  return fieldsOf(answer.body)
}

/** Returns how a place is named in words. */
export function nameOf(place: Readonly<Record<string, unknown>>): string {
  return `${columns(place['login'])}@${columns(place['target'])}`
}
