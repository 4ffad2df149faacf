import {
  keepIdpSecrets,
  openDevelopmentIdp,
  readIdpSecrets,
} from '@sallyport/bastion/quickstart/idp'
import type { DevelopmentIdp, IdpSecrets } from '@sallyport/bastion/quickstart/idp'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { strict as assert } from 'node:assert'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../support/port.ts'
import { scratchFolder } from './running.ts'

const REDIRECT = 'http://localhost:9/login/callback'

describe('the development identity provider', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let file: string
  let secrets: IdpSecrets
  let idp: DevelopmentIdp
  const errors: unknown[] = []
  const open = (host: string): Promise<DevelopmentIdp> =>
    openDevelopmentIdp({
      host,
      secrets,
      redirectUri: REDIRECT,
      now: Date.now,
      onError: (error) => void errors.push(error),
    })

  before(async () => {
    folder = await scratchFolder()
    file = join(folder.path, 'idp.json')
    secrets = await keepIdpSecrets(file, undefined, await freePort())
    idp = await open('127.0.0.1')
  })
  after(async () => {
    await idp?.close()
    await folder.remove()
    assert.deepEqual(errors, [])
  })

  for (const host of [
    '0.0.0.0',
    '192.0.2.1',
    'example.org',
    'localhost',
    '::',
    '127.evil.example',
  ]) {
    it(`refuses to listen on ${host}`, async () => {
      await assert.rejects(open(host), {
        code: 'ERR_BASTION_QUICKSTART',
        message: `the development identity provider lets anybody in, so it listens on loopback only, not on ${host}`,
      })
    })
  }

  it('keeps its secrets, in a file for its owner alone', async () => {
    assert.deepEqual(await readIdpSecrets(file), secrets)
    assert.deepEqual(await keepIdpSecrets(file, secrets, secrets.port), secrets)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const moved = await keepIdpSecrets(join(folder.path, 'other.json'), secrets, 4)
    assert.deepEqual(moved, { ...secrets, port: 4 })
  })

  it('gives machines short tokens for the exchange', async () => {
    const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`))
    const token = await tokenFor('agent', secrets.clients.agent)
    const { payload } = await jwtVerify(token, keys, {
      issuer: idp.issuer,
      audience: 'urn:sallyport:quickstart',
      typ: 'at+jwt',
      algorithms: ['ES256'],
    })
    assert.equal(payload.sub, 'agent')
    assert.deepEqual(payload['groups'], ['ci'])
    assert.equal(payload['repository'], 'acme/shop')
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 300)
    const human = await jwtVerify(await tokenFor('human', secrets.clients.human), keys)
    assert.deepEqual(human.payload['groups'], ['people'])
    assert.equal(human.payload['repository'], undefined)
  })

  it('refuses a wrong secret and an unknown client', async () => {
    for (const [id, secret] of [
      ['agent', secrets.clients.human],
      ['admin', secrets.clients.agent],
    ] as const) {
      assert.equal((await askToken(id, secret)).status, 401)
    }
  })

  it('lets nobody sign in but the three people', async () => {
    const { page, post } = await beginSignIn()
    assert.match(page, /reviewer, approver or admin/)
    const refused = await post('mallory')
    assert.equal(refused.status, 200)
    assert.match(await refused.text(), /There is nobody of that name\./)
    const toString = await post('toString')
    assert.equal(toString.status, 200)
    await toString.body?.cancel()
    const admitted = await post('reviewer')
    assert.equal(admitted.status, 303)
  })

  it('has no page for a sign-in that nobody began', async () => {
    const response = await fetch(`${idp.issuer}/sign-in/never`)
    assert.equal(response.status, 400)
    assert.match(await response.text(), /This sign-in is over/)
  })

  it('demands PKCE and the one place to go back to', async () => {
    for (const change of [{ code_challenge: '' }, { redirect_uri: 'http://evil.example/' }]) {
      const response = await fetch(authorizationUrl(change), { redirect: 'manual' })
      const location = response.headers.get('location') ?? ''
      assert.ok(response.status === 400 || location.includes('error=invalid_request'), location)
      assert.ok(!location.startsWith('http://evil.example'))
      await response.body?.cancel()
    }
  })

  function askToken(id: string, secret: string): Promise<Response> {
    return fetch(idp.tokenEndpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
  }

  async function tokenFor(id: string, secret: string): Promise<string> {
    const answer = (await (await askToken(id, secret)).json()) as { readonly access_token: string }
    return answer.access_token
  }

  function authorizationUrl(change: Readonly<Record<string, string>> = {}): URL {
    const url = new URL(`${idp.issuer}/auth`)
    url.search = new URLSearchParams({
      client_id: 'sallyport-web',
      response_type: 'code',
      scope: 'openid profile groups',
      redirect_uri: REDIRECT,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...change,
    }).toString()
    return url
  }

  async function beginSignIn() {
    const begun = await fetch(authorizationUrl(), { redirect: 'manual' })
    await begun.body?.cancel()
    const cookie = begun.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    const url = new URL(begun.headers.get('location') ?? '', idp.issuer)
    const page = await (await fetch(url, { headers: { cookie } })).text()
    const post = (login: string): Promise<Response> =>
      fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie },
        body: new URLSearchParams({ login, password: 'x' }),
      })
    return { page, post }
  }
})
