const UNITS = new Map([
  ['m', 60],
  ['h', 3600],
  ['d', 24 * 3600],
  ['w', 7 * 24 * 3600],
])

/** Returns the seconds of a span that is written like 90m, 12h, 30d or 4w; undefined for anything else. */
export function readSpan(text: string): number | undefined {
  const [, count, unit = ''] = /^([0-9]{1,4})([mhdw])$/.exec(text) ?? []
  const seconds = UNITS.get(unit)
  return count === undefined || seconds === undefined ? undefined : Number(count) * seconds
}

/** Returns seconds as a person would write them. */
export function writeSpan(seconds: number): string {
  const [unit, size] = [...UNITS].findLast(([, one]) => seconds % one === 0) ?? ['s', 1]
  return seconds === 0 ? '0m' : `${seconds / size}${unit}`
}
