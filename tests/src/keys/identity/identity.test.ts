import assert from 'node:assert/strict'
import { decodeIdentity, encodeIdentity } from '@sallyport/keys/identity'
import type { Identity } from '@sallyport/keys/identity'
import { KeysError } from '@sallyport/keys/wire'

const identity: Identity = {
  name: 'ci/acme/app',
  issuer: 'github',
  subject: 'repo:acme/app:ref:refs/heads/main',
  rule: 'deploy',
  groups: ['deployers'],
  principals: ['deploy'],
  claims: { run_id: '42', protected: true, runner: 7 },
  maxLife: 300,
}

function assertRefused(text: string, message: string): void {
  assert.throws(() => decodeIdentity(text), new KeysError('ERR_KEYS_IDENTITY_INVALID', message))
}

describe('encodeIdentity', () => {
  it('gives a text that decodes to the same identity', () => {
    assert.deepEqual(decodeIdentity(encodeIdentity(identity)), identity)
  })

  it('does not depend on the order of members', () => {
    const { name, ...rest } = identity
    assert.equal(encodeIdentity({ ...rest, name }), encodeIdentity(identity))
  })

  it('refuses more than 4 KiB', () => {
    const large = { ...identity, subject: 'é'.repeat(2048) }
    assert.throws(() => encodeIdentity(large), {
      code: 'ERR_KEYS_IDENTITY_INVALID',
      message: /^identity takes \d+ bytes, at most 4096$/,
    })
  })
})

describe('decodeIdentity', () => {
  const text = encodeIdentity(identity)

  it('refuses each prefix', () => {
    for (let length = 0; length < text.length; length++) {
      assert.throws(() => decodeIdentity(text.slice(0, length)), {
        code: 'ERR_KEYS_IDENTITY_INVALID',
      })
    }
  })

  it('refuses any other text of the same identity', () => {
    const message = 'identity is not in its exact encoding'
    assertRefused(` ${text}`, message)
    assertRefused(text.replace('{', '{"admin":true,'), message)
    assertRefused(text.replace('{', '{"name":"root",'), message)
    assertRefused(text.replace('"42"', '"\\u0034\\u0032"'), message)
  })

  it('refuses members of another kind', () => {
    assertRefused('[]', 'identity is not a JSON object')
    assertRefused('null', 'identity is not a JSON object')
    assertRefused(text.replace('"github"', '1'), 'identity: "issuer" is not a string')
    assertRefused(
      text.replace('["deploy"]', '"deploy"'),
      'identity: "principals" is not a list of strings',
    )
    assertRefused(
      text.replace('"42"', '["42"]'),
      'identity: a claim is not a string, number or boolean',
    )
    const life = 'identity: "maxLife" is not a whole number of seconds above 0'
    for (const value of ['0', '-1', '1.5', '"300"', '1e400'])
      assertRefused(text.replace('300', value), life)
  })

  it('refuses a name that no rule could have given', () => {
    const bad = encodeIdentity({ ...identity, name: 'a\u202eb' })
    assertRefused(bad, 'identity: name has a blank, control or invisible character')
  })

  it('keeps a claim called __proto__ a claim', () => {
    const odd = text.replace('"run_id"', '"__proto__"')
    assert.deepEqual(Object.keys(decodeIdentity(odd).claims), ['__proto__', 'protected', 'runner'])
  })
})
