import type { TargetEntry } from '../config/config.ts'
import { BastionError } from '../errors.ts'
import { withAnswers, type AskFor } from './answers.ts'
import { columns, fieldsOf, rowsOf, type Console } from './control.ts'

export interface VerifyTargets {
  readonly config: string
  /** Undefined for all of them. */
  readonly name: string | undefined
}

type Row = Readonly<Record<string, unknown>>

/** Tries every login of one target or of all, prints each step, and returns whether all of them work. */
export async function verifyTargets(asked: VerifyTargets, console: Console): Promise<boolean> {
  return withAnswers(asked.config, console, async (askFor, config) => {
    const targets = config.targets.filter(({ name }) => (asked.name ?? name) === name)
    if (targets.length === 0 && asked.name !== undefined) {
      throw new BastionError('ERR_BASTION_CONFIG', `there is no target named ${asked.name}`)
    }
    const logins: Row[] = []
    for (const target of targets) {
      for (const row of await verifyTarget(target, askFor)) {
        logins.push(row)
        if (!console.json) sayLogin(row, console)
      }
    }
    const ok = logins.every((login) => login['ok'] === true)
    if (console.json) console.say(JSON.stringify({ ok, logins }))
    return ok
  })
}

async function verifyTarget(target: TargetEntry, askFor: AskFor): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const { login } of target.logins) {
    const { body } = await askFor('POST', `/api/targets/${target.name}/verify`, { login })
    rows.push(...rowsOf(fieldsOf(body)['logins']))
  }
  return rows
}

function sayLogin({ target, login, by, steps }: Row, console: Console): void {
  console.say(columns(`${String(login)}@${String(target)}`, `by ${String(by)}`))
  for (const { step, ok, detail } of rowsOf(steps)) {
    console.say(columns(ok === true ? '  ok    ' : '  FAILED', String(step).padEnd(10), detail))
  }
}
