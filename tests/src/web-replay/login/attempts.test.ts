import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { ATTEMPT_LIFETIME, createLoginAttempts } from '@sallyport/web-replay/login'

const STATE = 'S'.repeat(43)

describe('login attempts', () => {
  let clock = 1_000_000
  const options = { secret: randomBytes(32), now: () => clock, random: randomBytes }
  const attempts = createLoginAttempts(options)
  const attempt = {
    state: STATE,
    nonce: 'n',
    codeVerifier: 'v',
    returnTo: '/sessions/x',
    expiresAt: clock + ATTEMPT_LIFETIME,
  }

  beforeEach(() => {
    clock = 1_000_000
  })

  it('come back from the cookie that carries them', () => {
    const { name, value } = attempts.seal(attempt)
    assert.match(name, /^__Host-login-S{12}$/)
    assert.deepEqual(attempts.open(STATE, new Map([[name, value]])), attempt)
  })

  it('hide what is inside', () => {
    const { value } = attempts.seal({ ...attempt, codeVerifier: 'a very secret verifier' })
    assert.equal(Buffer.from(value, 'base64url').includes('verifier'), false)
  })

  it('refuse another state, another name, another key, and a missing cookie', () => {
    const { name, value } = attempts.seal(attempt)
    const twin = `${STATE.slice(0, 42)}T`
    const other = 'T'.repeat(43)
    assert.equal(attempts.open(twin, new Map([[name, value]])), undefined)
    assert.equal(attempts.open(other, new Map([[attempts.nameOf(other), value]])), undefined)
    const stranger = createLoginAttempts({ ...options, secret: randomBytes(32) })
    assert.equal(stranger.open(STATE, new Map([[name, value]])), undefined)
    assert.equal(attempts.open(STATE, new Map()), undefined)
  })

  it('refuse what is not a state', () => {
    for (const state of [undefined, '', 'short', `${STATE}x`, [STATE], { length: 43 }]) {
      assert.equal(attempts.open(state, new Map()), undefined)
    }
  })

  it('refuse every truncation and every changed byte', () => {
    const { name, value } = attempts.seal(attempt)
    const bytes = Buffer.from(value, 'base64url')
    for (let end = 0; end < bytes.length; end += 1) {
      const cut = bytes.subarray(0, end).toString('base64url')
      assert.equal(attempts.open(STATE, new Map([[name, cut]])), undefined)
    }
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      const cookie = changed.toString('base64url')
      assert.equal(attempts.open(STATE, new Map([[name, cookie]])), undefined)
    }
  })

  it('lapse at the end of their life', () => {
    const { name, value } = attempts.seal(attempt)
    const cookies = new Map([[name, value]])
    clock += ATTEMPT_LIFETIME - 1
    assert.ok(attempts.open(STATE, cookies))
    clock += 1
    assert.equal(attempts.open(STATE, cookies), undefined)
  })

  it('throw TypeError for a short secret', () => {
    assert.throws(() => createLoginAttempts({ ...options, secret: randomBytes(31) }), {
      name: 'TypeError',
      message: '"sessionKey" must be 32 bytes or more',
    })
  })
})
