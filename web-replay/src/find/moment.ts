const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/**
 * Returns the milliseconds of a time in the form of RFC 3339 (seconds may be left out), or
 * undefined: also for a day that is in no calendar, and without a zone, which would be ours.
 */
export function parseMoment(text: string): number | undefined {
  const match = MOMENT.exec(text)
  if (match === null) return undefined
  const [, day = '', minute = '', seconds = ':00', zone = ''] = match
  const milliseconds = Date.parse(`${day}T${minute}${seconds}${zone}`)
  if (Number.isNaN(milliseconds) || milliseconds < 0) return undefined
  // Date.parse takes the 31st of February for a day in March.
  const isReal = new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
  return isReal ? milliseconds : undefined
}
