import assert from 'node:assert/strict'
import type { IssuerConfig } from '@sallyport/keys/identity'
import { configOf } from './loopback-issuer.ts'
import { issuer, verifierOf } from './verifier-rig.ts'

describe('the configuration of an issuer', () => {
  const refusals: readonly (readonly [string, Partial<IssuerConfig>, string])[] = [
    [
      'a secret algorithm',
      { algorithms: ['HS256'] },
      'algorithm "HS256" is not an asymmetric signature',
    ],
    ['no algorithm', { algorithms: [] }, '"algorithms" is empty'],
    ['no audience', { audience: '' }, '"audience" is empty'],
    ['an endless age', { maxTokenAge: Infinity }, '"maxTokenAge" must be above 0'],
    ['no longest life', { maxLifetime: 0 }, '"maxLifetime" must be above 0'],
    ['a wide tolerance', { clockTolerance: 301 }, '"clockTolerance" must be 0 to 300 seconds'],
    [
      'a secret among static keys',
      { jwks: { kind: 'static', keys: [{ kty: 'oct', k: 'AAAA' }] } },
      'static keys must be public keys',
    ],
    [
      'plain http',
      { jwks: { kind: 'uri', uri: 'http://127.0.0.1/k' }, allowInsecureHttp: false },
      '"http://127.0.0.1/k" is not https',
    ],
    [
      'plain http to another host',
      { jwks: { kind: 'uri', uri: 'http://127.0.0.1.evil.example/k' } },
      'plain http is for loopback, not for "127.0.0.1.evil.example"',
    ],
    [
      'a password in the address',
      { jwks: { kind: 'uri', uri: 'https://a:b@issuer.example/k' } },
      '"issuer.example" comes with a password',
    ],
  ]
  for (const [what, more, problem] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => verifierOf(configOf(issuer, more)),
        new TypeError(`issuer "ci": ${problem}`),
      )
    })
  }

  it('refuses two issuers of one name, and one iss with keys to fetch', () => {
    const config = configOf(issuer)
    assert.throws(() => verifierOf(config, config), new TypeError('two issuers are named "ci"'))
    assert.throws(
      () => verifierOf(config, { ...config, name: 'other' }),
      new TypeError('issuers "ci", "other" share one iss: each needs static keys'),
    )
  })
})
