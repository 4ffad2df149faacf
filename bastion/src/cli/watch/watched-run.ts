import { columns, fieldsOf, rowsOf } from '../control.ts'

type Fields = Readonly<Record<string, unknown>>

/** A run as the bastion answers it, in words that are safe to print anywhere. */
export interface WatchedRun {
  readonly state: string
  readonly units: readonly WatchedUnit[]
  /** Until when it waits, and for which freeze. */
  readonly frozen: string | undefined
}

export interface WatchedUnit {
  readonly key: string
  readonly state: string
  readonly problem: string | undefined
  readonly places: readonly { readonly name: string; readonly step: string }[]
}

/** Reads a run; what is odd in its texts is escaped, so that each character has one column. */
export function readRun(run: Fields): WatchedRun {
  const { name, until } = fieldsOf(run['frozen'])
  return {
    state: escaped(run['state']),
    units: rowsOf(run['units']).map(readUnit),
    frozen: until === undefined ? undefined : `frozen until ${escaped(until)} (${escaped(name)})`,
  }
}

function readUnit({ key, state, problem, places }: Fields): WatchedUnit {
  return {
    key: escaped(key),
    state: escaped(state),
    problem: problem === undefined ? undefined : escaped(problem),
    places: rowsOf(places).map(({ login, target, step }) => ({
      name: `${escaped(login)}@${escaped(target)}`,
      step: escaped(step),
    })),
  }
}

/** Returns how a run ended, or how far it is. */
export function summaryOf({ state, units }: WatchedRun): string {
  const count = (wanted: string): number => units.filter((one) => one.state === wanted).length
  return (
    `${state}: ${count('rotated')} of ${units.length} rotated, ` +
    `${count('refused')} refused, ${count('unfinished')} unfinished, ${count('waiting')} not begun`
  )
}

/** Returns one key of a run in a line. */
export function unitLine({ key, state, problem }: WatchedUnit): string {
  return `  ${[key, state, problem ?? ''].join('  ').trimEnd()}`
}

function escaped(value: unknown): string {
  const text = typeof value === 'string' ? value : columns(value)
  return text.replace(/[^\x20-\x7e]/gu, (odd) => `\\u{${(odd.codePointAt(0) ?? 0).toString(16)}}`)
}
