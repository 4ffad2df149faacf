import assert from 'node:assert/strict'
import { createWallClock } from '@sallyport/bastion/calendar'
import fc from 'fast-check'

const HOUR = 3600 * 1000
const utc = (text: string): number => Date.parse(`${text}Z`)
const iso = (at: number): string => new Date(at).toISOString()

/** A zone, a time on its wall, and the earlier and the later moment of it. */
const cases = [
  ['Europe/Berlin', '2026-01-15T12:00', '2026-01-15T11:00', '2026-01-15T11:00'],
  ['Europe/Berlin', '2026-07-15T12:00', '2026-07-15T10:00', '2026-07-15T10:00'],
  // Skipped there: 02:00 is 03:00.
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00', '2026-03-29T01:00'],
  ['Europe/Berlin', '2026-03-29T02:00', '2026-03-29T01:00', '2026-03-29T01:00'],
  ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00', '2026-03-29T01:00'],
  // It comes twice: 03:00 is 02:00 again.
  ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30', '2026-10-25T01:30'],
  ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00', '2026-10-25T02:00'],
  // Midnight itself is skipped.
  ['Africa/Cairo', '2026-04-24T00:00', '2026-04-23T22:00', '2026-04-23T22:00'],
  // Half an hour.
  ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45', '2026-04-04T15:15'],
  ['Asia/Kathmandu', '2026-04-05T00:00', '2026-04-04T18:15', '2026-04-04T18:15'],
  ['Pacific/Kiritimati', '2026-01-01T00:00', '2025-12-31T10:00', '2025-12-31T10:00'],
] as const

describe('a clock on a wall', () => {
  for (const [zone, wall, earlier, later] of cases) {
    it(`knows when it is ${wall} in ${zone}`, () => {
      const clock = createWallClock(zone)
      assert.equal(iso(clock.moment(utc(wall), 'earlier')), iso(utc(earlier)))
      assert.equal(iso(clock.moment(utc(wall), 'later')), iso(utc(later)))
    })
  }

  it('shows at the moments of a time that time, or the end of the gap that it lies in', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca']
    const clocks = zones.map(createWallClock)
    const minutes = fc.integer({
      min: utc('2025-01-01T00:00') / 60e3,
      max: utc('2028-01-01T00:00') / 60e3,
    })
    fc.assert(
      fc.property(fc.constantFrom(...clocks), minutes, (clock, minute) => {
        const wall = minute * 60e3
        const earlier = clock.moment(wall, 'earlier')
        const later = clock.moment(wall, 'later')
        if (clock.read(earlier) === wall) {
          assert.equal(clock.read(later), wall)
          assert.ok(later >= earlier && later - earlier <= HOUR)
          return
        }
        assert.equal(later, earlier)
        assert.ok(clock.read(earlier) > wall)
        assert.ok(clock.read(earlier - 1000) < wall)
      }),
      { numRuns: 2000 },
    )
  })
})
