export type Weekday = 'Mon' | 'Tue' | 'Wed' | 'Thu' | 'Fri' | 'Sat' | 'Sun'

/** Days and hours as a clock on a wall shows them; a window over midnight belongs to the day it begins on. */
export interface WhenPattern {
  readonly days?: readonly Weekday[] | undefined
  /** `HH:MM-HH:MM`; the second minute is no longer in it, and may be 24:00. */
  readonly between?: string | undefined
  /** An IANA name, as in Europe/Berlin. */
  readonly tz: string
}

/** `unknown` where the time of the request is not known. */
export type WhenMatcher = (at: number | undefined) => 'inside' | 'outside' | 'unknown'

export const weekdays: readonly Weekday[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const window = /^([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)$/

/** Returns the first minute of the window and the minute after its last, counted from midnight. */
export function readWindow(between: string): readonly [number, number] | undefined {
  const [whole, hour, minute, endHour = '24', endMinute = '0'] = window.exec(between) ?? []
  if (whole === undefined) return undefined
  return [Number(hour) * 60 + Number(minute), Number(endHour) * 60 + Number(endMinute)]
}

/** Returns whether this is a time zone by which the platform can tell the time. */
export function isTimeZone(tz: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: tz }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}

/** Returns the matcher of a pattern that the schema has accepted. */
export function compileWhen({ days = weekdays, between, tz }: WhenPattern): WhenMatcher {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: tz,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  const [first, end] = (between === undefined ? undefined : readWindow(between)) ?? [0, 24 * 60]
  return (at) => {
    if (at === undefined || Number.isNaN(new Date(at).getTime())) return 'unknown'
    const { day, minute } = readClock(clock, at)
    const today = days.includes(dayAt(day))
    const yesterday = days.includes(dayAt(day + 6))
    const inside =
      first < end
        ? today && first <= minute && minute < end
        : (today && first <= minute) || (yesterday && minute < end)
    return inside ? 'inside' : 'outside'
  }
}

function readClock(
  clock: Intl.DateTimeFormat,
  at: number,
): { readonly day: number; readonly minute: number } {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]))
  const day = weekdays.findIndex((name) => name === parts.get('weekday'))
  const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
  if (day < 0 || Number.isNaN(minute)) throw new TypeError('the clock shows no time')
  return { day, minute }
}

function dayAt(index: number): Weekday {
  return weekdays[index % 7] ?? 'Mon'
}
