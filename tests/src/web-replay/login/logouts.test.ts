import assert from 'node:assert/strict'
import { concerns, createLogouts, type Logouts } from '@sallyport/web-replay/login'

const START = 1_000_000

describe('logouts', () => {
  let clock: number
  let logouts: Logouts

  beforeEach(() => {
    clock = START
    logouts = createLogouts(() => clock * 1000)
  })

  it('count once, for as long as their token could be sent again', () => {
    const logout = { jti: 'a', issuedAt: START, subject: 's' }
    assert.equal(logouts.add(logout), true)
    assert.equal(logouts.add(logout), false)
    // A token is good for ten minutes, and a minute more where clocks differ.
    clock += 659
    assert.equal(logouts.add({ ...logout, jti: 'b', issuedAt: clock }), true)
    assert.equal(logouts.add(logout), false)
    clock += 1
    assert.equal(logouts.add({ ...logout, jti: 'c', issuedAt: clock }), true)
    assert.equal(logouts.size, 2)
  })

  it('are kept in a bounded number, the latest of them', () => {
    for (let index = 0; index < 10_500; index += 1) {
      logouts.add({ jti: `j${index}`, issuedAt: START, subject: 's' })
    }
    assert.equal(logouts.size, 10_000)
    assert.equal(logouts.add({ jti: 'j10499', issuedAt: START, subject: 's' }), false)
  })

  it('end what the provider said before them, and nothing that it said after', () => {
    logouts.add({ jti: 'a', issuedAt: START, subject: 's' })
    assert.equal(logouts.hasEnded({ subject: 's', issuedAt: START }), true)
    assert.equal(logouts.hasEnded({ subject: 's', session: 'any', issuedAt: START - 5 }), true)
    assert.equal(logouts.hasEnded({ subject: 's', issuedAt: START + 1 }), false)
    assert.equal(logouts.hasEnded({ subject: 'other', issuedAt: START }), false)
  })

  for (const [title, logout, person, expected] of [
    ['a session, its own sign-in', { session: 'x' }, { subject: 's', session: 'x' }, true],
    ['a session, another one', { session: 'x' }, { subject: 's', session: 'y' }, false],
    ['a session, a sign-in without', { session: 'x' }, { subject: 's' }, false],
    [
      'a person’s session, another of theirs',
      { subject: 's', session: 'x' },
      { subject: 's', session: 'y' },
      false,
    ],
    [
      'a person’s session, a sign-in of theirs without',
      { subject: 's', session: 'x' },
      { subject: 's' },
      true,
    ],
    [
      'a person’s session, that of somebody else',
      { subject: 's', session: 'x' },
      { subject: 't', session: 'x' },
      false,
    ],
    ['a person, any of theirs', { subject: 's' }, { subject: 's', session: 'y' }, true],
    ['a person, somebody else', { subject: 's' }, { subject: 't' }, false],
  ] as const) {
    it(`concern, where they name ${title}: ${expected ? 'yes' : 'no'}`, () => {
      assert.equal(concerns({ jti: 'j', issuedAt: START, ...logout }, person), expected)
    })
  }
})
