import { fingerprint, parsePublicKeyLine } from '@sallyport/keys/publickey'
import { withAnswers } from './answers.ts'
import { columns, fieldsOf, rowsOf, type Console } from './control.ts'

export interface ChangeAuthority {
  readonly config: string
  readonly kind: string
  readonly change: string
  /** Why it is done in spite of what speaks against it. */
  readonly force: string | undefined
}

/** Prints the keys of all authorities, with what has been verified with the next one. */
export async function listAuthorities(config: string, console: Console): Promise<void> {
  const { body } = await withAnswers(config, console, (askFor) => askFor('GET', '/api/authorities'))
  if (console.json) return console.say(JSON.stringify(body))
  for (const [kind, keys] of Object.entries(fieldsOf(fieldsOf(body)['authorities']))) {
    sayKeys(kind, keys, console)
  }
}

/** Changes an authority's keys and prints what they are then. */
export async function changeAuthority(asked: ChangeAuthority, console: Console): Promise<void> {
  const { config, kind, change, force } = asked
  const path = `/api/authorities/${kind}/${change}`
  const { body } = await withAnswers(config, console, (askFor) => askFor('POST', path, { force }))
  if (console.json) return console.say(JSON.stringify(body))
  sayKeys(kind, fieldsOf(body)['keys'], console)
}

function sayKeys(kind: string, keys: unknown, console: Console): void {
  for (const { version, state, since, publicKeyLine, verified } of rowsOf(keys)) {
    const print = typeof publicKeyLine === 'string' ? fingerprintOf(publicKeyLine) : undefined
    console.say(columns(kind, `version ${JSON.stringify(version)}`, state, since, print))
    for (const { what, at } of rowsOf(verified)) console.say(columns('  verified', what, at))
  }
}

function fingerprintOf(line: string): string {
  return fingerprint(parsePublicKeyLine(line).blob)
}
