import { setTimeout as sleep } from 'node:timers/promises'
import { ask, columns, fieldsOf, rowsOf, type Console } from './control.ts'

/** What to rotate, as the command line has it. */
export interface RotateSelection {
  readonly keys: readonly string[]
  readonly target: readonly string[]
  readonly label: readonly string[]
}

/** Looking at many targets takes as long as the slowest of them. */
const TIMEOUT = 10 * 60 * 1000
const POLL = 250

/** Prints what a rotation would do; returns whether nothing stands against it. */
export async function planRotation(
  config: string,
  selection: RotateSelection,
  console: Console,
): Promise<boolean> {
  const answer = await post(config, '/api/keys/plan', bodyOf(selection), console)
  const plans = rowsOf(answer['plans'])
  const places = plans.flatMap((plan) => rowsOf(plan['places']))
  const clear = places.every((place) => textsOf(place['problems']).length === 0)
  if (console.json) {
    console.say(JSON.stringify({ plans }))
    return clear
  }
  for (const plan of plans) {
    console.say(`key ${columns(plan['key'])}`)
    for (const place of rowsOf(plan['places'])) {
      const files = textsOf(place['found']).join(', ')
      console.say(`  ${nameOf(place)}  ${files === '' ? 'not found' : files}`)
      for (const problem of textsOf(place['problems']))
        console.say(`    cannot: ${columns(problem)}`)
      for (const warning of textsOf(place['warnings'])) console.say(`    note: ${columns(warning)}`)
    }
  }
  console.say(
    clear ? 'nothing was changed; it could begin' : 'nothing was changed; it would not begin',
  )
  return clear
}

/** Rotates, and prints what becomes of each key; returns whether all were rotated. */
export async function rotateKeys(
  config: string,
  selection: RotateSelection,
  { stopAfter, detach }: { readonly stopAfter: number; readonly detach: boolean },
  console: Console,
): Promise<boolean> {
  const body = { ...bodyOf(selection), stopAfter }
  const { run } = await post(config, '/api/keys/rotate', body, console)
  const id = String(fieldsOf(run)['id'])
  if (!console.json) console.say(`run ${id}`)
  if (!detach) return watchRun(config, id, console)
  if (console.json) console.say(JSON.stringify({ run }))
  return true
}

/** Prints a run until nothing of it goes on; returns whether all of its keys were rotated. */
export async function watchRun(config: string, id: string, console: Console): Promise<boolean> {
  const told = new Map<string, string>()
  for (;;) {
    const { body } = await ask({ config, method: 'GET', path: `/api/keys/runs/${id}` }, console)
    const run = fieldsOf(fieldsOf(body)['run'])
    const units = rowsOf(run['units'])
    const ended = run['state'] !== 'running' && units.every(({ state }) => state !== 'running')
    if (!console.json) tellUnits(units, told, console)
    if (ended) {
      if (console.json) console.say(JSON.stringify({ run }))
      else console.say(summaryOf(run, units))
      return run['state'] === 'done'
    }
    await sleep(POLL)
  }
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
export async function rollbackKey(config: string, key: string, console: Console): Promise<boolean> {
  const { outcome } = await post(config, '/api/keys/rollback', { key }, console)
  const { kind, problem } = fieldsOf(outcome)
  if (console.json) console.say(JSON.stringify({ outcome }))
  else if (kind === 'rotated') console.say(`${key} is back at its version before`)
  else console.say(`${key}: ${columns(problem)}`)
  return kind === 'rotated'
}

/** Logs in everywhere with the active versions; returns whether all were accepted. */
export async function verifyKeys(
  config: string,
  selection: RotateSelection,
  console: Console,
): Promise<boolean> {
  const answer = await post(config, '/api/keys/verify', bodyOf(selection), console)
  const checks = rowsOf(answer['checks'])
  if (console.json) console.say(JSON.stringify({ checks }))
  else
    for (const check of checks)
      console.say(
        columns(
          nameOf(check),
          check['key'],
          `v${columns(check['version'])}`,
          check['result'],
          check['problem'] ?? '',
        ),
      )
  return checks.every(({ result }) => result === 'accepted')
}

/** Lets the keys in use in again where they are refused; returns whether all let in now. */
export async function repairKeys(
  config: string,
  selection: RotateSelection,
  console: Console,
): Promise<boolean> {
  const answer = await post(config, '/api/keys/repair', bodyOf(selection), console)
  const places = rowsOf(answer['places'])
  if (console.json) console.say(JSON.stringify({ places }))
  else
    for (const place of places)
      console.say(columns(nameOf(place), place['result'], place['problem'] ?? '').trimEnd())
  return places.every(({ result }) => result !== 'failed')
}

/** Prints every login at a target with its key, and how it stands. */
export async function showPlaces(config: string, console: Console): Promise<void> {
  const { body } = await ask({ config, method: 'GET', path: '/api/keys' }, console)
  const { keys, places } = fieldsOf(body)
  if (console.json) return console.say(JSON.stringify({ keys, places }))
  for (const place of rowsOf(places)) {
    const check = fieldsOf(place['check'])
    const rotation = fieldsOf(place['rotation'])
    console.say(
      columns(
        nameOf(place),
        place['key'],
        `v${columns(place['version'])}`,
        `since ${columns(place['createdAt'])}`,
        place['fingerprint'],
        check['result'] === undefined
          ? 'not verified yet'
          : `${columns(check['result'])} ${columns(check['at'])}`,
        rotation['phase'] === undefined ? '' : `rotation ${columns(rotation['phase'])}`,
        rotation['problem'] ?? '',
      ).trimEnd(),
    )
  }
}

function tellUnits(
  units: readonly Readonly<Record<string, unknown>>[],
  told: Map<string, string>,
  console: Console,
): void {
  for (const { key, state, problem } of units) {
    const text = columns(key, state, problem ?? '').trimEnd()
    if (state === 'waiting' || told.get(String(key)) === text) continue
    told.set(String(key), text)
    console.say(`  ${text}`)
  }
}

function summaryOf(
  run: Readonly<Record<string, unknown>>,
  units: readonly Readonly<Record<string, unknown>>[],
): string {
  const count = (wanted: string): number => units.filter(({ state }) => state === wanted).length
  return (
    `${columns(run['state'])}: ${count('rotated')} of ${units.length} rotated, ` +
    `${count('refused')} refused, ${count('unfinished')} unfinished, ${count('waiting')} not begun`
  )
}

function bodyOf({ keys, target, label }: RotateSelection): Record<string, unknown> {
  const labels = Object.fromEntries(label.map((text) => text.split(/=(.*)/s).slice(0, 2)))
  return {
    ...(keys.length === 0 ? {} : { keys }),
    ...(target.length === 0 ? {} : { targets: target }),
    ...(label.length === 0 ? {} : { labels }),
  }
}

async function post(
  config: string,
  path: string,
  body: unknown,
  console: Console,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask({ config, method: 'POST', path, body, timeout: TIMEOUT }, console)
  return fieldsOf(answer.body)
}

function nameOf(place: Readonly<Record<string, unknown>>): string {
  return `${columns(place['login'])}@${columns(place['target'])}`
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
