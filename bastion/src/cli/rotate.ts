import { columns, fieldsOf, rowsOf, type Console } from './control.ts'
import { bodyOf, post, type KeySelection } from './key-call.ts'
import { planLines, textsOf } from './plan-lines.ts'
import { watchRun } from './watch/index.ts'

/** Prints what a rotation would do; returns whether nothing stands against it. */
export async function planRotation(
  config: string,
  selection: KeySelection,
  console: Console,
): Promise<boolean> {
  const answer = await post(config, '/api/keys/plan', bodyOf(selection), console)
  const plans = rowsOf(answer['plans'])
  const places = plans.flatMap((plan) => rowsOf(plan['places']))
  const frozen = fieldsOf(answer['frozen'])
  const isFrozen = frozen['until'] !== undefined
  const clear = !isFrozen && places.every((place) => textsOf(place['problems']).length === 0)
  if (console.json) {
    console.say(JSON.stringify(isFrozen ? { plans, frozen } : { plans }))
    return clear
  }
  for (const line of plans.flatMap(planLines)) console.say(line)
  if (isFrozen)
    console.say(`freeze ${columns(frozen['name'])}: frozen until ${columns(frozen['until'])}`)
  console.say(
    clear ? 'nothing was changed; it could begin' : 'nothing was changed; it would not begin',
  )
  return clear
}

export interface RotateTerms {
  readonly stopAfter: number
  /** Whether nobody waits for the end. */
  readonly detach: boolean
  readonly type?: string
  /** Why it is done although a freeze is in force. */
  readonly despiteFreeze?: string
}

/** Rotates, and prints what becomes of each key; returns whether all were rotated. */
export async function rotateKeys(
  config: string,
  selection: KeySelection,
  { stopAfter, detach, type, despiteFreeze }: RotateTerms,
  console: Console,
): Promise<boolean> {
  const body = { ...bodyOf(selection), stopAfter, type, despiteFreeze }
  const { run } = await post(config, '/api/keys/rotate', body, console)
  const id = String(fieldsOf(run)['id'])
  if (!console.json) console.say(`run ${id}`)
  if (!detach) return watchRun(config, id, console)
  if (console.json) console.say(JSON.stringify({ run }))
  return true
}

/** Pauses, resumes or cancels a run. */
export async function steerRun(
  config: string,
  id: string,
  how: string,
  console: Console,
): Promise<void> {
  const { run } = await post(config, `/api/keys/runs/${encodeURIComponent(id)}/${how}`, {}, console)
  if (console.json) console.say(JSON.stringify({ run }))
  else console.say(columns('run', id, fieldsOf(run)['state']))
}

/** Goes back to the version before the active one; returns whether it did. */
export async function rollbackKey(
  config: string,
  key: string,
  despiteFreeze: string | undefined,
  console: Console,
): Promise<boolean> {
  const body = { key, despiteFreeze }
  const { outcome } = await post(config, '/api/keys/rollback', body, console)
  const { kind, problem } = fieldsOf(outcome)
  if (console.json) console.say(JSON.stringify({ outcome }))
  else if (kind === 'rotated') console.say(`${key} is back at its version before`)
  else console.say(`${key}: ${columns(problem)}`)
  return kind === 'rotated'
}
