import assert from 'node:assert/strict'
import { createIdTokenVerifier, createReplayGuard } from '@sallyport/keys/identity'
import type { IdTokenVerifier, IssuerConfig, VerifyResult } from '@sallyport/keys/identity'
import { configOf, createSigningKey, epoch, json, mint, startIssuer } from './loopback-issuer.ts'
import type { LoopbackIssuer, SigningKey } from './loopback-issuer.ts'

const discovery = '/.well-known/openid-configuration'

describe('the keys of an issuer', () => {
  let key: SigningKey
  let issuer: LoopbackIssuer
  let now: number
  let verifier: IdTokenVerifier

  before(async () => {
    key = await createSigningKey('ES256', 'a')
  })

  beforeEach(async () => {
    now = epoch * 1000
    issuer = await startIssuer([key.jwk])
    verifier = verifierOf(issuer.config())
  })

  afterEach(async () => issuer.close())

  function verifierOf(...issuers: readonly IssuerConfig[]): IdTokenVerifier {
    const clock = (): number => now
    return createIdTokenVerifier({ issuers, now: clock, replay: createReplayGuard({ now: clock }) })
  }

  /** With times that follow the clock of the test. */
  async function verifyFresh(by: SigningKey = key): Promise<VerifyResult> {
    const iat = Math.floor(now / 1000)
    return verifier.verify(await mint(by, issuer.issuer, { claims: { iat, exp: iat + 300 } }))
  }

  async function assertUnavailable(reason: RegExp): Promise<void> {
    const result = await verifyFresh()
    assert.equal(result.kind, 'rejected')
    assert.equal(result.code, 'unavailable')
    assert.match(result.reason, reason)
  }

  it('are fetched once for many ID tokens', async () => {
    const results = await Promise.all([verifyFresh(), verifyFresh(), verifyFresh()])
    assert.deepEqual(
      results.map((result) => result.kind),
      ['verified', 'verified', 'verified'],
    )
    await verifyFresh()
    assert.deepEqual(issuer.requests, [discovery, '/jwks'])
  })

  it('are fetched from a configured address without discovery', async () => {
    const uri = `${issuer.issuer}/jwks`
    verifier = verifierOf(issuer.config({ jwks: { kind: 'uri', uri } }))
    assert.equal((await verifyFresh()).kind, 'verified')
    assert.deepEqual(issuer.requests, ['/jwks'])
  })

  it('are not asked for when the ID token names another issuer', async () => {
    for (const other of [`${issuer.issuer}.evil`, `${issuer.issuer}@evil`, 'http://127.0.0.1']) {
      const result = await verifier.verify(await mint(key, other))
      assert.equal(result.kind === 'rejected' && result.code, 'unknown-issuer')
    }
    assert.deepEqual(issuer.requests, [])
  })

  it('are not asked for when the algorithm is not allowed', async () => {
    const other = await createSigningKey('ES384', 'a')
    const result = await verifyFresh(other)
    assert.equal(result.kind === 'rejected' && result.code, 'algorithm')
    assert.deepEqual(issuer.requests, [])
  })

  it('are refused from a document of another issuer', async () => {
    issuer.answerDiscovery = (_request, response) =>
      json(response, { issuer: `${issuer.issuer}/`, jwks_uri: `${issuer.issuer}/jwks` })
    await assertUnavailable(/^keys of issuer "ci" cannot be had: .* speaks for another issuer$/)
    assert.deepEqual(issuer.requests, [discovery])
  })

  it('are refused from an address that discovery takes elsewhere', async () => {
    issuer.answerDiscovery = (_request, response) =>
      json(response, { issuer: issuer.issuer, jwks_uri: 'http://169.254.169.254/keys' })
    await assertUnavailable(/plain http is for loopback, not for "169\.254\.169\.254"$/)
  })

  it('do not come through a redirect', async () => {
    issuer.answerKeys = (_request, response) => {
      response.writeHead(302, { location: `${issuer.issuer}/elsewhere` }).end()
    }
    await assertUnavailable(/\/jwks answered with status 302$/)
    assert.deepEqual(issuer.requests, [discovery, '/jwks'])
  })

  it('are unavailable, and asked for once in 5 s, while the issuer fails', async () => {
    issuer.answerDiscovery = (_request, response) => response.writeHead(500).end()
    for (let attempt = 0; attempt < 5; attempt++) await assertUnavailable(/with status 500$/)
    assert.equal(issuer.requests.length, 1)
    now += 5_000
    await assertUnavailable(/with status 500$/)
    assert.equal(issuer.requests.length, 2)
  })

  it('are asked for once by many ID tokens while the connection is cut', async () => {
    issuer.answerDiscovery = (request) => request.socket.destroy()
    await Promise.all(Array.from({ length: 5 }, () => assertUnavailable(/cannot be had/)))
    assert.equal(issuer.requests.length, 1)
  })

  it('are given up when the answer has no end', async () => {
    let sent = 0
    issuer.answerKeys = (_request, response) => {
      const chunk = `"${'x'.repeat(65_533)}",`
      const pump = (): void => {
        sent += chunk.length
        if (!response.destroyed) response.write(chunk, () => setImmediate(pump))
      }
      pump()
    }
    await assertUnavailable(/answer is longer than 262144 bytes$/)
    assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were taken`)
  })

  it('are given up after 3 s of silence', async () => {
    issuer.answerKeys = (_request, response) => void response.write('{')
    const start = performance.now()
    await assertUnavailable(/timeout/)
    const took = performance.now() - start
    assert.ok(took > 2_500 && took < 5_000, `${took} ms`)
  })

  for (const [what, body] of [
    ['no JSON', '<html>'],
    ['no key set', '[]'],
    ['keys that are no list', '{"keys":{}}'],
  ] as const) {
    it(`are unavailable when the answer is ${what}`, async () => {
      issuer.answerKeys = (_request, response) => response.end(body)
      await assertUnavailable(/did not answer with JSON$|the answer is no key set$/)
    })
  }

  it('serve on while the issuer is down, for an hour at most', async () => {
    await verifyFresh()
    issuer.answerDiscovery = (request) => request.socket.destroy()
    now += 59 * 60_000
    assert.equal((await verifyFresh()).kind, 'verified')
    now += 60_000
    await assertUnavailable(/^keys of issuer "ci" cannot be had/)
  })

  it('serve on for as long as configured', async () => {
    verifier = verifierOf(issuer.config({ staleKeys: 0 }))
    await verifyFresh()
    issuer.answerDiscovery = (request) => request.socket.destroy()
    now += 10 * 60_000 - 1
    assert.equal((await verifyFresh()).kind, 'verified')
    now += 1
    await assertUnavailable(/cannot be had/)
  })

  it('are fetched again for an unknown key id, 30 s after the last time', async () => {
    const next = await createSigningKey('ES256', 'b')
    await verifyFresh()
    issuer.keys = [key.jwk, next.jwk]
    const early = await verifyFresh(next)
    assert.deepEqual(early, {
      kind: 'rejected',
      code: 'unknown-key',
      reason: 'issuer "ci" has no key that fits the header',
    })
    assert.equal(issuer.requests.length, 2)
    now += 30_000
    assert.equal((await verifyFresh(next)).kind, 'verified')
    assert.equal(issuer.requests.length, 4)
  })

  it('are no longer trusted once the issuer has withdrawn them', async () => {
    const next = await createSigningKey('ES256', 'b')
    await verifyFresh()
    issuer.keys = [next.jwk]
    now += 10 * 60_000
    const result = await verifyFresh()
    assert.equal(result.kind === 'rejected' && result.code, 'unknown-key')
  })

  it('say unavailable, not unknown, when a new key could not be fetched', async () => {
    const next = await createSigningKey('ES256', 'b')
    await verifyFresh()
    issuer.answerDiscovery = (_request, response) => response.writeHead(503).end()
    now += 30_000
    const result = await verifyFresh(next)
    assert.equal(result.kind === 'rejected' && result.code, 'unavailable')
    assert.match(result.kind === 'rejected' ? result.reason : '', /are stale and hold no such key/)
    assert.equal((await verifyFresh()).kind, 'verified')
  })

  it('leave out shared secrets that an issuer publishes', async () => {
    issuer.keys = [{ kty: 'oct', k: 'AAAA', kid: 'a', alg: 'ES256' }, key.jwk]
    assert.equal((await verifyFresh()).kind, 'verified')
  })

  it('of one issuer do not fail with those of another', async () => {
    const other = await startIssuer([key.jwk])
    other.answerDiscovery = (_request, response) => response.writeHead(500).end()
    verifier = verifierOf(issuer.config(), configOf(other.issuer, { name: 'down' }))
    const token = await mint(key, other.issuer)
    const result = await verifier.verify(token)
    assert.equal(result.kind === 'rejected' && result.code, 'unavailable')
    assert.equal((await verifyFresh()).kind, 'verified')
    await other.close()
  })
})
