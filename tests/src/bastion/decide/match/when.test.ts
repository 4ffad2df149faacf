import assert from 'node:assert/strict'
import type { DecisionScope } from '@sallyport/bastion/decide'
import { agent, allows, policyOf, problemsOf } from '../ask.ts'

const at = (time: string): DecisionScope => ({ ...agent, at: Date.parse(time) })
const open = (when: string, time: string): boolean =>
  allows(policyOf(`{id: a, effect: allow, when: {${when}}, run: {argv: [x]}}`), 'x', at(time))

const check = (when: string, times: Readonly<Record<string, boolean>>): void => {
  for (const [time, wanted] of Object.entries(times)) assert.equal(open(when, time), wanted, time)
}

describe('when', () => {
  it('is the wall clock of its zone, up to and without its last minute', () => {
    check('between: "08:00-18:00", tz: Europe/Berlin', {
      '2026-01-15T06:59:59.999Z': false,
      '2026-01-15T07:00:00Z': true,
      '2026-01-15T16:59:59.999Z': true,
      '2026-01-15T17:00:00Z': false,
    })
    check('between: "18:00-24:00", tz: UTC', {
      '2026-01-15T23:59:59Z': true,
      '2026-01-15T00:00:00Z': false,
    })
  })

  it('follows the changes of daylight saving', () => {
    // Berlin is an hour ahead of UTC in winter and two in summer; it changed on 29 March 2026.
    check('between: "08:00-18:00", tz: Europe/Berlin', {
      '2026-03-28T06:30:00Z': false,
      '2026-03-29T06:30:00Z': true,
      '2026-03-28T16:30:00Z': true,
      '2026-03-29T16:30:00Z': false,
      '2026-10-24T06:30:00Z': true,
      '2026-10-25T06:30:00Z': false,
    })
    // The hour that does not exist that day, and the hour that comes twice.
    check('between: "02:00-03:00", tz: Europe/Berlin', {
      '2026-03-29T00:59:59Z': false,
      '2026-03-29T01:00:00Z': false,
      '2026-10-25T00:30:00Z': true,
      '2026-10-25T01:30:00Z': true,
      '2026-10-25T02:00:00Z': false,
    })
  })

  it('is a list of days in its zone', () => {
    check('days: [Mon, Tue], tz: America/New_York', {
      '2026-01-12T04:59:00Z': false,
      '2026-01-12T05:00:00Z': true,
      '2026-01-14T04:59:00Z': true,
      '2026-01-14T05:00:00Z': false,
    })
  })

  it('may run over midnight, and then belongs to the day on which it begins', () => {
    check('days: [Fri], between: "22:00-06:00", tz: UTC', {
      '2026-01-16T21:59:00Z': false,
      '2026-01-16T22:00:00Z': true,
      '2026-01-17T05:59:00Z': true,
      '2026-01-17T06:00:00Z': false,
      '2026-01-16T05:00:00Z': false,
      '2026-01-17T23:00:00Z': false,
    })
    check('days: [Sun], between: "22:00-06:00", tz: UTC', { '2026-01-19T05:00:00Z': true })
  })

  it('fails closed where the time is not known', () => {
    const week = 'days: [Mon, Tue, Wed, Thu, Fri, Sat, Sun], tz: UTC'
    const policy = policyOf(
      `{id: a, effect: allow, when: {${week}}, run: {argv: [x]}}`,
      '{id: b, effect: allow, run: {argv: [y]}}',
      '{id: d, effect: deny, when: {between: "00:00-00:01", tz: UTC}, run: {argv: [y]}}',
    )
    for (const unknown of [undefined, NaN, Infinity, 1e20]) {
      assert.equal(allows(policy, 'x', { ...agent, at: unknown }), false)
      assert.equal(allows(policy, 'y', { ...agent, at: unknown }), false)
    }
    assert.equal(allows(policy, 'x', at('2026-01-15T12:00:00Z')), true)
    assert.equal(allows(policy, 'y', at('2026-01-15T12:00:00Z')), true)
    assert.equal(allows(policy, 'y', at('2026-01-15T00:00:30Z')), false)
  })

  it('decides whether a target is in reach', () => {
    const policy = policyOf(
      '{id: a, effect: allow, when: {between: "08:00-18:00", tz: UTC}, run: {argv: [x]}}',
    )
    assert.equal(policy.reaches(at('2026-01-15T12:00:00Z')), true)
    assert.equal(policy.reaches(at('2026-01-15T19:00:00Z')), false)
    assert.equal(policy.reaches(agent), false)
  })

  it('is refused where it is empty or not understood', () => {
    const cases: Readonly<Record<string, string>> = {
      'between: "08:00-08:00", tz: UTC': 'this window is empty',
      'between: "00:00-24:00", tz: Nowhere/Here': 'not a time zone that is known here',
      'between: "8-18", tz: UTC': 'hours are written "08:00-18:00"',
      'between: "24:00-06:00", tz: UTC': 'hours are written "08:00-18:00"',
      'between: "08:60-18:00", tz: UTC': 'hours are written "08:00-18:00"',
      'days: [Mon, Mon], tz: UTC': 'a day stands here twice',
      'days: [], tz: UTC': 'an empty list is no day',
      'tz: UTC': 'give days, between or both',
      'days: [Mon], tz: UTC, until: 2027': 'unknown key until',
    }
    for (const [when, message] of Object.entries(cases)) {
      const [problem] = problemsOf(`{id: a, effect: allow, when: {${when}}, run: {argv: [x]}}`)
      assert.equal(problem?.message, message, when)
      assert.equal(problem.line, 3)
    }
  })
})
