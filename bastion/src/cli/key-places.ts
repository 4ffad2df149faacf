import { ask, columns, fieldsOf, rowsOf, type Console } from './control.ts'
import { bodyOf, nameOf, post, type KeySelection } from './key-call.ts'

/** Logs in everywhere with the active versions; returns whether all were accepted. */
export async function verifyKeys(
  config: string,
  selection: KeySelection,
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
  selection: KeySelection,
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
        nextText(fieldsOf(place['next'])),
      ).trimEnd(),
    )
  }
}

/** Returns when a schedule rotates a key; nothing without a schedule. */
export function nextText(next: Readonly<Record<string, unknown>>): string {
  const { schedule, due, begins, blocked } = next
  if (schedule === undefined) return ''
  if (blocked !== undefined)
    return `next by ${columns(schedule)}, due ${columns(due)}, held back: ${columns(blocked)}`
  if (begins === undefined) return `next by ${columns(schedule)}, due ${columns(due)}, never`
  return `next by ${columns(schedule)} ${columns(begins)}`
}
