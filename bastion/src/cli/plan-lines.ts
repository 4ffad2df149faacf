import { columns, rowsOf } from './control.ts'
import { nameOf } from './key-call.ts'

/** Returns what a dry run found of one key, in lines. The target says where its files lie, and may lie. */
export function planLines(plan: Readonly<Record<string, unknown>>): readonly string[] {
  const places = rowsOf(plan['places']).flatMap((place) => {
    const files = textsOf(place['found']).join(', ')
    return [
      `  ${nameOf(place)}  ${files === '' ? 'not found' : columns(files)}`,
      ...textsOf(place['problems']).map((problem) => `    cannot: ${columns(problem)}`),
      ...textsOf(place['warnings']).map((warning) => `    note: ${columns(warning)}`),
    ]
  })
  return [`key ${columns(plan['key'])}`, ...places]
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
