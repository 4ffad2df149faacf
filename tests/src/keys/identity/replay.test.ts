import assert from 'node:assert/strict'
import { createMemoryReplayStore, createReplayGuard } from '@sallyport/keys/identity'
import type { IssuerConfig, TokenUse } from '@sallyport/keys/identity'
import { configOf, createSigningKey, mint } from './loopback-issuer.ts'
import type { SigningKey } from './loopback-issuer.ts'
import { issuer, verifierOf } from './verifier-rig.ts'

const use = (tokenHash: string, until = 100, key = 'SHA256:one'): TokenUse => ({
  tokenHash,
  publicKeyFingerprint: key,
  until,
})

describe('createMemoryReplayStore', () => {
  it('forgets a use once its ID token is refused anyway', async () => {
    let now = 0
    const store = createMemoryReplayStore({ now: () => now })
    assert.deepEqual(await store.remember(use('a')), { kind: 'first' })
    now = 99_999
    assert.deepEqual(await store.remember(use('a', 100, 'SHA256:two')), {
      kind: 'again',
      publicKeyFingerprint: 'SHA256:one',
    })
    now = 100_000
    assert.deepEqual(await store.remember(use('a', 200)), { kind: 'first' })
  })

  it('is full rather than forgetful, and has room again when uses expire', async () => {
    let now = 0
    const store = createMemoryReplayStore({ now: () => now, capacity: 2 })
    await store.remember(use('a', 100))
    await store.remember(use('b', 200))
    assert.deepEqual(await store.remember(use('c', 300)), { kind: 'full' })
    assert.equal((await store.remember(use('a', 100))).kind, 'again')
    now = 100_000
    assert.deepEqual(await store.remember(use('c', 300)), { kind: 'first' })
    assert.deepEqual(await store.remember(use('d', 300)), { kind: 'full' })
    assert.equal((await store.remember(use('b', 200))).kind, 'again')
  })
})

describe('createReplayGuard', () => {
  it('refuses as unavailable what it could not remember', async () => {
    const store = { remember: () => ({ kind: 'full' }) as const }
    const guard = createReplayGuard({ now: () => 0, store })
    assert.deepEqual(await guard.admit(use('a'), false), {
      kind: 'rejected',
      code: 'unavailable',
      reason: 'too many ID tokens are in use to remember another',
    })
  })

  it('works over a store that answers later', async () => {
    const memory = createMemoryReplayStore({ now: () => 0 })
    const guard = createReplayGuard({
      now: () => 0,
      store: { remember: async (one) => memory.remember(one) },
    })
    assert.equal(await guard.admit(use('a'), true), undefined)
    assert.equal((await guard.admit(use('a'), true))?.code, 'replayed')
  })
})

describe('an ID token that is used again', () => {
  let key: SigningKey

  before(async () => {
    key = await createSigningKey('ES256', 'a')
  })

  function withKeys(more: Partial<IssuerConfig> = {}): IssuerConfig {
    return configOf(issuer, { jwks: { kind: 'static', keys: [key.jwk] }, ...more })
  }

  it('lets one key renew until the end, and no other key', async () => {
    const idToken = await mint(key, issuer)
    const fresh = verifierOf(withKeys())
    assert.equal((await fresh.verify(idToken, 'SHA256:one')).kind, 'verified')
    assert.equal((await fresh.verify(idToken, 'SHA256:one')).kind, 'verified')
    assert.deepEqual(await fresh.verify(idToken, 'SHA256:two'), {
      kind: 'rejected',
      code: 'replayed-with-another-key',
      reason: 'ID token was used before for another key',
    })
  })

  it('lets a single-use ID token in once', async () => {
    const idToken = await mint(key, issuer)
    const fresh = verifierOf(withKeys({ singleUse: true }))
    assert.equal((await fresh.verify(idToken, 'SHA256:one')).kind, 'verified')
    assert.deepEqual(await fresh.verify(idToken, 'SHA256:one'), {
      kind: 'rejected',
      code: 'replayed',
      reason: 'ID token was used before, and is of single use',
    })
  })

  it('knows an ID token again whose signature was rewritten', async () => {
    // (r, n - s) is as valid an ECDSA signature as (r, s), and anyone can compute it.
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const idToken = await mint(key, issuer)
    const [header, payload, signature = ''] = idToken.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex')
    const twin = `${header}.${payload}.${bytes.toString('base64url')}`
    assert.notEqual(twin, idToken)
    const fresh = verifierOf(withKeys({ singleUse: true }))
    assert.equal((await fresh.verify(twin)).kind, 'verified')
    assert.equal((await fresh.verify(idToken, 'SHA256:one')).kind, 'verified')
    const again = await fresh.verify(twin, 'SHA256:one')
    assert.equal(again.kind === 'rejected' && again.code, 'replayed')
  })

  it('lets one of two simultaneous first uses in', async () => {
    const idToken = await mint(key, issuer)
    const fresh = verifierOf(withKeys({ singleUse: true }))
    const results = await Promise.all([
      fresh.verify(idToken, 'SHA256:one'),
      fresh.verify(idToken, 'SHA256:one'),
    ])
    assert.deepEqual(results.map((result) => result.kind).toSorted(), ['rejected', 'verified'])
  })
})
