import assert from 'node:assert/strict'
import type { IdTokenVerifier, IssuerConfig, RejectionCode } from '@sallyport/keys/identity'
import { audience, configOf, createSigningKey, epoch, mint } from './loopback-issuer.ts'
import type { SigningKey, TokenOptions } from './loopback-issuer.ts'
import { assertRejected, issuer, part, verifierOf } from './verifier-rig.ts'

describe('the claims of an ID token', () => {
  let key: SigningKey
  let verifier: IdTokenVerifier

  before(async () => {
    key = await createSigningKey('ES256', 'a')
    verifier = verifierOf(withKeys())
  })

  function withKeys(more: Partial<IssuerConfig> = {}): IssuerConfig {
    return configOf(issuer, { jwks: { kind: 'static', keys: [key.jwk] }, ...more })
  }

  async function assertClaimsRejected(
    options: TokenOptions,
    code: RejectionCode,
    reason: string | RegExp,
    more: Partial<IssuerConfig> = {},
  ): Promise<void> {
    const idToken = await mint(key, issuer, options)
    await assertRejected(idToken, code, reason, verifierOf(withKeys(more)))
  }

  for (const claim of ['exp', 'iat', 'sub', 'aud']) {
    it(`refuses an ID token without ${claim}`, async () => {
      const claims = { [claim]: undefined }
      await assertClaimsRejected({ claims }, 'missing-claim', `claim "${claim}" is missing`)
    })
  }

  it('refuses another audience, and says both', async () => {
    const claims = { aud: 'https://github.com/acme' }
    const reason = 'ID token is for "https://github.com/acme", expected "https://bastion.example"'
    await assertClaimsRejected({ claims }, 'audience', reason)
  })

  it('refuses an audience array that names others, unless that is allowed', async () => {
    const claims = { aud: [audience, 'other'] }
    const reason =
      'ID token is for ["https://bastion.example","other"], expected "https://bastion.example" alone'
    await assertClaimsRejected({ claims }, 'audience', reason)
    const open = verifierOf(withKeys({ allowSharedAudience: true }))
    assert.equal((await open.verify(await mint(key, issuer, { claims }))).kind, 'verified')
  })

  it('refuses an ID token past its end, tolerance included', async () => {
    const reason = `ID token expired at ${epoch - 5}`
    await assertClaimsRejected({ claims: { exp: epoch - 5 } }, 'expired', reason)
    const idToken = await mint(key, issuer, { claims: { exp: epoch - 4 } })
    assert.equal((await verifier.verify(idToken)).kind, 'verified')
  })

  it('refuses an ID token that was issued too long ago', async () => {
    const reason = 'ID token was issued more than 600 seconds ago'
    await assertClaimsRejected({ claims: { iat: epoch - 606 } }, 'too-old', reason)
  })

  it('refuses an iat in the future', async () => {
    const claims = { iat: epoch + 6, exp: epoch + 60 }
    const reason = `ID token was issued in the future, at ${epoch + 6}`
    await assertClaimsRejected({ claims }, 'not-yet-valid', reason)
  })

  it('refuses an nbf in the future', async () => {
    const reason = `ID token is not valid before ${epoch + 6}`
    await assertClaimsRejected({ claims: { nbf: epoch + 6 } }, 'not-yet-valid', reason)
  })

  it('refuses a life that is too long, endless or negative', async () => {
    const reason = (life: number | string): string =>
      `ID token lives ${life} seconds, expected more than 0 and at most 3600`
    await assertClaimsRejected(
      { claims: { iat: epoch, exp: epoch + 3601 } },
      'lifetime',
      reason(3601),
    )
    await assertClaimsRejected({ claims: { iat: epoch, exp: epoch - 1 } }, 'lifetime', reason(-1))
    const claims = `{"iss":"${issuer}","aud":"${audience}","sub":"s","iat":${epoch},"exp":1e400}`
    const signed = `${part({ alg: 'ES256', kid: 'a' })}.${Buffer.from(claims).toString('base64url')}`
    const bytes = new TextEncoder().encode(signed)
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await crypto.subtle.sign(algorithm, key.privateKey, bytes)
    const idToken = `${signed}.${Buffer.from(signature).toString('base64url')}`
    await assertRejected(idToken, 'lifetime', reason('Infinity'), verifier)
  })

  it('refuses times that are not numbers', async () => {
    const reason = 'claim "exp" is not a number'
    await assertClaimsRejected({ claims: { exp: `${epoch + 60}` } }, 'invalid-claim', reason)
  })

  it('refuses a subject that is no text', async () => {
    const reason = 'claim "sub" is not a string with content'
    await assertClaimsRejected({ claims: { sub: ['a'] } }, 'invalid-claim', reason)
    await assertClaimsRejected({ claims: { sub: '' } }, 'invalid-claim', reason)
  })

  it('refuses another type where one is required', async () => {
    const reason = 'ID token is not of type "at+jwt"'
    await assertClaimsRejected({ header: { typ: 'JWT' } }, 'type', reason, {
      requiredType: 'at+jwt',
    })
  })
})
