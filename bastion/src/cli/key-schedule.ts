import { writeSpan } from '../calendar/index.ts'
import { ask, columns, fieldsOf, rowsOf, type Console } from './control.ts'
import { nextText } from './key-places.ts'

type Fields = Readonly<Record<string, unknown>>

/** Prints the schedules with their keys and when these are due, and the freezes. */
export async function showSchedules(config: string, console: Console): Promise<void> {
  const { body } = await ask({ config, method: 'GET', path: '/api/keys/schedules' }, console)
  const { schedules, freezes } = fieldsOf(body)
  if (console.json) return console.say(JSON.stringify({ schedules, freezes }))
  if (rowsOf(schedules).length === 0) console.say('no schedule; keys are rotated by hand alone')
  for (const schedule of rowsOf(schedules)) {
    console.say(termsOf(schedule))
    for (const { key, next } of rowsOf(schedule['keys']))
      console.say(`  ${columns(key, nextText(fieldsOf(next)))}`)
  }
  for (const { name, from, until } of rowsOf(freezes))
    console.say(columns('freeze', name, `from ${columns(from)}`, `until ${columns(until)}`))
}

function termsOf(schedule: Fields): string {
  const { days, between, tz } = fieldsOf(schedule['hours'])
  const halted = fieldsOf(schedule['halted'])
  const words: readonly (readonly [string, unknown])[] = [
    ['every', writeSpan(Number(schedule['every']))],
    ['jitter', writeSpan(Number(schedule['jitter']))],
    ['type', schedule['type']],
    ['stop after', schedule['stopAfter']],
    ['days', Array.isArray(days) ? days.join(' ') : undefined],
    ['between', between],
    ['in', tz],
    ['run', schedule['run']],
    ['begins nothing until', halted['until']],
    ['since it did not end: run', halted['run']],
  ]
  const said = words.filter(([, value]) => value !== undefined)
  return columns(
    'schedule',
    schedule['name'],
    ...said.map(([name, value]) => `${name} ${columns(value)}`),
  )
}
