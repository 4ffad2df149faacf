import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose'
import type { IdTokenVerifier, IssuerConfig, RejectionCode } from '@sallyport/keys/identity'
import { audience, configOf, createSigningKey, epoch, mint } from './loopback-issuer.ts'
import type { SigningKey } from './loopback-issuer.ts'
import { assertRejected, issuer, part, verifierOf } from './verifier-rig.ts'

describe('createIdTokenVerifier', () => {
  let key: SigningKey
  let rsa: SigningKey
  let verifier: IdTokenVerifier

  before(async () => {
    key = await createSigningKey('ES256', 'a')
    rsa = await createSigningKey('RS256', 'r')
    verifier = verifierOf(withKeys())
  })

  function withKeys(more: Partial<IssuerConfig> = {}): IssuerConfig {
    return configOf(issuer, { jwks: { kind: 'static', keys: [key.jwk, rsa.jwk] }, ...more })
  }

  async function assertRefused(
    idToken: string,
    code: RejectionCode,
    reason: string | RegExp,
    by: IdTokenVerifier = verifier,
  ): Promise<void> {
    await assertRejected(idToken, code, reason, by)
  }

  it('returns what a good ID token says', async () => {
    const idToken = await mint(key, issuer, { claims: { jti: 'j1', repository_id: '7' } })
    const result = await verifier.verify(idToken, 'SHA256:one')
    assert.equal(result.kind, 'verified')
    const { claims, ...fields } = result.idToken
    assert.equal(claims['repository_id'], '7')
    assert.partialDeepStrictEqual(fields, {
      issuerName: 'ci',
      issuer,
      subject: 'repo:acme/app:ref:refs/heads/main',
      audience,
      issuedAt: epoch - 10,
      expiresAt: epoch + 290,
      tokenId: 'j1',
      publicKeyFingerprint: 'SHA256:one',
      tokenHash: createHash('sha256')
        .update(idToken.slice(0, idToken.lastIndexOf('.')))
        .digest('hex'),
    })
  })

  it('accepts RS256 too, and an audience in an array of one', async () => {
    const idToken = await mint(rsa, issuer, { claims: { aud: [audience] } })
    assert.equal((await verifier.verify(idToken)).kind, 'verified')
  })

  it('leaves out the key of a dry verification', async () => {
    const result = await verifier.verify(await mint(key, issuer))
    assert.equal(result.kind, 'verified')
    assert.equal('publicKeyFingerprint' in result.idToken, false)
  })

  describe('shape', () => {
    it('refuses what is not three segments, for each prefix too', async () => {
      const idToken = await mint(key, issuer)
      for (let length = 0; length < idToken.length; length++) {
        const result = await verifier.verify(idToken.slice(0, length))
        assert.equal(result.kind, 'rejected', `prefix of ${length} characters`)
      }
      await assertRefused(`${idToken}.x`, 'malformed', 'ID token is not three base64url segments')
      await assertRefused(`${idToken}\n`, 'malformed', 'ID token is not three base64url segments')
    })

    it('refuses more than 16 KiB before it looks inside', async () => {
      const idToken = await mint(key, issuer, { claims: { pad: 'x'.repeat(16 * 1024) } })
      await assertRefused(idToken, 'malformed', /^ID token has \d+ characters, at most 16384$/)
    })

    it('refuses a header or payload that is not a JSON object', async () => {
      const reason = 'header or payload of the ID token is not a JSON object'
      await assertRefused('e30.W10.AA', 'malformed', reason)
      await assertRefused('AAAA.e30.AA', 'malformed', reason)
    })

    it('refuses a crit header', async () => {
      const idToken = `${part({ alg: 'ES256', crit: ['x'], x: 1 })}.${part({ iss: issuer })}.AA`
      await assertRefused(idToken, 'malformed', 'ID token has a "crit" header')
    })

    it('refuses an iss that is an array which holds the right one', async () => {
      const idToken = await mint(key, issuer, { claims: { iss: [issuer] } })
      await assertRefused(idToken, 'malformed', 'claim "iss" is not a string')
    })
  })

  describe('issuer', () => {
    for (const other of [
      `${issuer}@evil.example`,
      `${issuer}/`,
      issuer.toUpperCase(),
      'https://i',
    ]) {
      it(`refuses ${other} without a fetch`, async () => {
        const idToken = await mint(key, other)
        await assertRefused(idToken, 'unknown-issuer', `no issuer is configured for "${other}"`)
      })
    }

    it('tells issuers that share an iss apart by their keys', async () => {
      const shared = (name: string, one: SigningKey): IssuerConfig =>
        configOf(issuer, { name, jwks: { kind: 'static', keys: [one.jwk] } })
      const second = await createSigningKey('ES256', 'a')
      const both = verifierOf(shared('east', key), shared('west', second))
      const result = await both.verify(await mint(second, issuer))
      assert.equal(result.kind === 'verified' && result.idToken.issuerName, 'west')
      const third = await createSigningKey('ES256', 'a')
      const reason = 'signature was not made by a key of issuer "west"'
      await assertRefused(await mint(third, issuer), 'bad-signature', reason, both)
    })
  })

  describe('signature', () => {
    it('refuses alg none', async () => {
      const idToken = new UnsecuredJWT({ iss: issuer, aud: audience, sub: 's' })
        .setIssuedAt(epoch)
        .setExpirationTime(epoch + 60)
        .encode()
      await assertRefused(idToken, 'malformed', 'ID token is not three base64url segments')
      const reason = 'ID token is signed with "none", expected ES256 or RS256'
      await assertRefused(`${idToken}AA`, 'algorithm', reason)
    })

    it('refuses HS256 made with the public key as the secret', async () => {
      const pem = await exportSPKI(rsa.publicKey)
      const idToken = await new SignJWT({ iss: issuer, aud: audience, sub: 's' })
        .setProtectedHeader({ alg: 'HS256', kid: 'r' })
        .setIssuedAt(epoch)
        .setExpirationTime(epoch + 60)
        .sign(new TextEncoder().encode(pem))
      const reason = 'ID token is signed with "HS256", expected ES256 or RS256'
      await assertRefused(idToken, 'algorithm', reason)
    })

    it('refuses the right key id on another key', async () => {
      const evil = await createSigningKey('ES256', 'a')
      const reason = 'signature was not made by a key of issuer "ci"'
      await assertRefused(await mint(evil, issuer), 'bad-signature', reason)
    })

    it('refuses a key that the header brings along', async () => {
      const evil = await createSigningKey('ES256', 'a')
      const header = {
        jwk: evil.jwk,
        jku: 'https://evil.example/jwks',
        x5u: 'https://evil.example',
      }
      const idToken = await mint(evil, issuer, { header })
      await assertRefused(idToken, 'bad-signature', /^signature was not made/)
    })

    it('refuses a payload that was changed', async () => {
      const [header = '', payload = '', signature = ''] = (await mint(key, issuer)).split('.')
      const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'root' }
      await assertRefused(`${header}.${part(claims)}.${signature}`, 'bad-signature', /^signature/)
    })

    it('refuses a header without key id when several keys fit', async () => {
      const second = await createSigningKey('ES256', 'b')
      const two = verifierOf(withKeys({ jwks: { kind: 'static', keys: [key.jwk, second.jwk] } }))
      const idToken = await mint(key, issuer, { header: { kid: undefined } })
      await assertRefused(idToken, 'unknown-key', 'several keys of issuer "ci" fit the header', two)
    })

    it('refuses an RSA key of 1024 bits', async () => {
      const pair = generateKeyPairSync('rsa', { modulusLength: 1024 })
      const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'w', alg: 'RS256' }
      const weak = verifierOf(
        withKeys({ jwks: { kind: 'static', keys: [{ kty: 'RSA', ...jwk }] } }),
      )
      const claims = { iss: issuer, aud: audience, sub: 's', iat: epoch, exp: epoch + 60 }
      const signed = `${part({ alg: 'RS256', kid: 'w' })}.${part(claims)}`
      const signature = sign('sha256', Buffer.from(signed), pair.privateKey).toString('base64url')
      const reason = 'the fitting key of issuer "ci" cannot be used'
      await assertRefused(`${signed}.${signature}`, 'unknown-key', reason, weak)
    })
  })
})
