import assert from 'node:assert/strict'
import {
  createFreezes,
  createWeekly,
  openingFrom,
  readSpan,
  writeSpan,
  type FreezeEntry,
  type Weekly,
} from '@sallyport/bastion/calendar'
import fc from 'fast-check'

const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString().slice(0, 16)
const at = (text: string): number => Date.parse(`${text}Z`)
const until = (weekly: Weekly, text: string): string | undefined => iso(weekly.until(at(text)))
const next = (weekly: Weekly, text: string): string | undefined => iso(weekly.next(at(text)))
const tz = 'Europe/Berlin'

describe('hours of the week', () => {
  it('begin and end by the wall clock of their zone, winter and summer', () => {
    const hours = createWeekly({ days: ['Mon'], between: '08:00-18:00', tz })
    assert.equal(until(hours, '2026-01-12T06:59'), undefined)
    assert.equal(until(hours, '2026-01-12T07:00'), '2026-01-12T17:00')
    assert.equal(until(hours, '2026-01-12T17:00'), undefined)
    assert.equal(until(hours, '2026-07-13T06:00'), '2026-07-13T16:00')
    assert.equal(next(hours, '2026-01-12T17:00'), '2026-01-19T07:00')
    // The clocks change between these Mondays.
    assert.equal(next(hours, '2026-03-23T17:00'), '2026-03-30T06:00')
    assert.equal(next(hours, '2026-01-12T08:00'), '2026-01-12T08:00')
  })

  it('are as long as the day is on which the clocks change', () => {
    const sunday = createWeekly({ days: ['Sun'], tz })
    assert.equal(until(sunday, '2026-03-28T23:00'), '2026-03-29T22:00')
    assert.equal(until(sunday, '2026-10-24T22:00'), '2026-10-25T23:00')
  })

  it('have all of an hour that comes twice, without a gap', () => {
    const night = createWeekly({ days: ['Sat'], between: '22:00-02:30', tz })
    for (const time of [
      '2026-10-24T20:00',
      '2026-10-25T00:29',
      '2026-10-25T00:45',
      '2026-10-25T01:29',
    ])
      assert.equal(until(night, time), '2026-10-25T01:30', time)
    assert.equal(until(night, '2026-10-25T01:30'), undefined)
    const second = createWeekly({ days: ['Sun'], between: '02:30-04:00', tz })
    assert.equal(next(second, '2026-10-24T20:00'), '2026-10-25T00:30')
  })

  it('end with an hour that is skipped, and are left out that week where they lie in it', () => {
    const night = createWeekly({ days: ['Sat'], between: '22:00-02:30', tz })
    assert.equal(until(night, '2026-03-28T22:00'), '2026-03-29T01:00')
    const gone = createWeekly({ days: ['Sun'], between: '02:00-03:00', tz })
    assert.equal(until(gone, '2026-03-29T01:00'), undefined)
    assert.equal(next(gone, '2026-03-28T12:00'), '2026-04-05T00:00')
  })

  it('over midnight belong to the day on which they begin, and meet those of the next day', () => {
    const night = createWeekly({ days: ['Fri'], between: '22:00-06:00', tz: 'UTC' })
    assert.equal(until(night, '2026-01-17T05:59'), '2026-01-17T06:00')
    assert.equal(until(night, '2026-01-16T05:59'), undefined)
    const weekend = createWeekly({ days: ['Sat', 'Sun'], tz: 'UTC' })
    assert.equal(until(weekend, '2026-01-17T00:00'), '2026-01-19T00:00')
  })

  it('agree with a clock that is asked minute by minute', () => {
    const days = ['Sat', 'Sun', 'Mon'] as const
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: tz,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
    const shows = (time: number): string => clock.format(time).replace(/[^A-Za-z0-9:]+/g, ' ')
    const weekly = createWeekly({ days, between: '03:15-23:40', tz })
    const minutes = fc.integer({
      min: at('2026-03-20T00:00') / 60e3,
      max: at('2026-04-05T00:00') / 60e3,
    })
    fc.assert(
      fc.property(minutes, (minute) => {
        const [day = '', time = ''] = shows(minute * 60e3).split(' ')
        const inside = days.some((one) => one === day) && time >= '03:15' && time < '23:40'
        assert.equal(weekly.until(minute * 60e3) !== undefined, inside, `${day} ${time}`)
      }),
      { numRuns: 2000 },
    )
  })
})

const entries: readonly FreezeEntry[] = [
  { name: 'weekend', weekly: { days: ['Sat', 'Sun'], tz: 'UTC' } },
  { name: 'year-end', from: '2026-12-20T00:00:00+01:00', until: '2027-01-06T00:00:00+01:00' },
]

describe('freezes', () => {
  const freezes = createFreezes(entries)
  const frozen = (text: string): readonly [string, string | undefined] | undefined => {
    const found = freezes.at(at(text))
    return found && [found.name, iso(found.until)]
  }

  it('are in force from their first moment up to their end', () => {
    assert.equal(frozen('2026-12-18T23:59'), undefined)
    assert.deepEqual(frozen('2026-12-19T00:00'), ['weekend', '2026-12-21T00:00'])
    assert.deepEqual(frozen('2026-12-19T23:00'), ['year-end', '2027-01-05T23:00'])
    assert.equal(frozen('2027-01-05T23:00'), undefined)
  })

  it('say when each is next, and leave out what is over', () => {
    const times = (text: string): unknown =>
      freezes.from(at(text)).map(({ name, from, until: end }) => [name, iso(from), iso(end)])
    assert.deepEqual(times('2026-12-18T12:00'), [
      ['weekend', '2026-12-19T00:00', '2026-12-21T00:00'],
      ['year-end', '2026-12-19T23:00', '2027-01-05T23:00'],
    ])
    assert.deepEqual(times('2027-01-10T12:00'), [
      ['weekend', '2027-01-10T12:00', '2027-01-11T00:00'],
    ])
  })

  it('are looked past for the first moment in which something may begin', () => {
    const hours = createWeekly({ days: ['Sat', 'Mon'], between: '10:00-12:00', tz: 'UTC' })
    const opening = (text: string): string | undefined =>
      iso(openingFrom(at(text), { freezes, hours }))
    assert.equal(opening('2026-12-14T10:30'), '2026-12-14T10:30')
    assert.equal(opening('2026-12-14T12:00'), '2027-01-11T10:00')
    const never = createWeekly({ days: ['Sun'], between: '10:00-12:00', tz: 'UTC' })
    assert.equal(openingFrom(at('2026-01-01T00:00'), { freezes, hours: never }), undefined)
  })
})

describe('a span', () => {
  it('is read and written as people do', () => {
    for (const [text, seconds] of [
      ['90m', 5400],
      ['12h', 43_200],
      ['30d', 2_592_000],
      ['4w', 2_419_200],
      ['0m', 0],
    ] as const) {
      assert.equal(readSpan(text), seconds)
      assert.equal(writeSpan(seconds), text)
    }
    for (const text of ['', '30', 'd', '-1d', '1.5h', '30 d', '99999d', '1y', '1d1h'])
      assert.equal(readSpan(text), undefined, text)
    assert.equal(writeSpan(86_400 * 10), '10d')
    assert.equal(writeSpan(61), '61s')
  })
})
