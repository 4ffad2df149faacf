import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Visitor } from '../support/visitor.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'

const SID = '__Host-sid'

describe('signing in', () => {
  let server: ReviewServer

  before(async () => {
    server = await startReviewServer()
  })

  after(async () => {
    await server.close()
  })

  it('asks for code, PKCE S256, state and nonce at the provider', async () => {
    const response = await new Visitor().get(`${server.url}/login`)
    assert.equal(response.status, 302)
    const query = new URL(response.headers.get('location') ?? '').searchParams
    assert.equal(query.get('response_type'), 'code')
    assert.equal(query.get('code_challenge_method'), 'S256')
    assert.match(query.get('code_challenge') ?? '', /^[\w-]{43}$/)
    assert.match(query.get('state') ?? '', /^[\w-]{43}$/)
    assert.match(query.get('nonce') ?? '', /^[\w-]{43}$/)
    assert.equal(query.get('redirect_uri'), `${server.url}/login/callback`)
  })

  it('lets a reviewer in, with a host-bound cookie and an audit line', async () => {
    const visitor = new Visitor()
    const response = await visitor.signIn(server.url, 'reviewer')
    assert.equal(response.status, 303)
    assert.equal(response.headers.get('location'), '/')
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith(SID)) ?? ''
    assert.match(cookie, /^__Host-sid=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const me = await (await visitor.get(`${server.url}/api/me`)).json()
    assert.equal(me.subject, 'reviewer')
    assert.equal(me.issuer, server.issuerUrl)
    assert.equal(me.name, 'Test reviewer')
    assert.deepEqual(me.roles, ['reviewer'])
    const line = server.audit.lines.findLast(({ event }) => event === 'review.signed-in')
    assert.equal(line?.detail['clientAddress'], '127.0.0.1')
  })

  it('takes the callback URL from the configuration and not from the Host header', async () => {
    const request = get(`${server.url}/login`, { headers: { host: 'evil.example' } })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    const query = new URL(response.headers.location ?? '').searchParams
    assert.equal(query.get('redirect_uri'), `${server.url}/login/callback`)
  })

  it('refuses a state that this browser did not begin', async () => {
    const visitor = new Visitor()
    const callback = await visitor.authenticate(server.url, 'reviewer')
    callback.searchParams.set('state', 'A'.repeat(43))
    const response = await visitor.get(callback)
    assert.equal(response.status, 400)
    assert.match(await response.text(), /begun in another browser/)
    assert.equal(visitor.cookies(server.url).has(SID), false)
  })

  it('refuses a callback that another browser began', async () => {
    const callback = await new Visitor().authenticate(server.url, 'reviewer')
    const victim = new Visitor()
    await victim.get(`${server.url}/login`)
    const response = await victim.get(callback)
    assert.equal(response.status, 400)
    assert.equal(victim.cookies(server.url).has(SID), false)
  })

  it('refuses the code of one attempt with the state of another', async () => {
    const visitor = new Visitor()
    const first = await visitor.authenticate(server.url, 'reviewer')
    const second = await visitor.authenticate(server.url, 'reviewer')
    second.searchParams.set('code', first.searchParams.get('code') ?? '')
    const response = await visitor.get(second)
    assert.equal(response.status, 400)
    assert.match(await response.text(), /refused \(invalid_grant\)/)
    assert.equal(visitor.cookies(server.url).has(SID), false)
  })

  it('refuses an ID token without the nonce', async () => {
    const visitor = new Visitor()
    const login = await visitor.get(`${server.url}/login`)
    const start = new URL(login.headers.get('location') ?? '')
    start.searchParams.delete('nonce')
    const response = await visitor.get(await visitor.provide(server.url, 'reviewer', start))
    assert.equal(response.status, 400)
    assert.match(await response.text(), /refused \(OAUTH_INVALID_RESPONSE\)/)
    assert.equal(visitor.cookies(server.url).has(SID), false)
  })

  it('refuses an ID token with a nonce that is not the attempt’s', async () => {
    const visitor = new Visitor()
    const login = await visitor.get(`${server.url}/login`)
    const start = new URL(login.headers.get('location') ?? '')
    start.searchParams.set('nonce', 'another')
    const response = await visitor.get(await visitor.provide(server.url, 'reviewer', start))
    assert.match(await response.text(), /refused \(OAUTH_JWT_CLAIM_COMPARISON_FAILED\)/)
  })

  it('refuses a sign-in that took longer than ten minutes', async () => {
    const visitor = new Visitor()
    const callback = await visitor.authenticate(server.url, 'reviewer')
    server.advance(10 * 60_000)
    assert.equal((await visitor.get(callback)).status, 400)
  })

  it('uses an attempt once', async () => {
    const visitor = new Visitor()
    const callback = await visitor.authenticate(server.url, 'reviewer')
    assert.equal((await visitor.get(callback)).status, 303)
    assert.deepEqual([...visitor.cookies(server.url).keys()], [SID])
    assert.equal((await visitor.get(callback)).status, 400)
  })

  it('says what the provider said when it refuses', async () => {
    const visitor = new Visitor()
    const login = await visitor.get(`${server.url}/login`)
    const state = new URL(login.headers.get('location') ?? '').searchParams.get('state') ?? ''
    const query = new URLSearchParams({ error: 'access_denied<b>', state, iss: server.issuerUrl })
    const response = await visitor.get(`${server.url}/login/callback?${query}`)
    assert.equal(response.status, 400)
    assert.match(await response.text(), /refused \(access_denied&lt;b&gt;\)/)
  })

  it('shows who you are and lets nobody in whose groups have no role', async () => {
    const visitor = new Visitor()
    const response = await visitor.signIn(server.url, 'nobody')
    assert.equal(response.status, 403)
    const page = await response.text()
    assert.match(page, /none of your groups has a role/)
    assert.match(page, /Test nobody/)
    assert.equal(visitor.cookies(server.url).has(SID), false)
    assert.equal((await visitor.get(`${server.url}/api/sessions`)).status, 401)
    assert.equal(server.audit.lines.at(-1)?.event, 'review.sign-in-refused')
    assert.equal(server.audit.lines.at(-1)?.detail['reason'], 'no-role')
  })

  it('gives a fresh id at each sign-in and ends the one before', async () => {
    const visitor = new Visitor()
    const planted = 'P'.repeat(43)
    visitor.cookies(server.url).set(SID, planted)
    await visitor.signIn(server.url, 'reviewer')
    const first = visitor.cookies(server.url).get(SID) ?? ''
    assert.notEqual(first, planted)
    await visitor.signIn(server.url, 'reviewer', '/login?prompt=login')
    const second = visitor.cookies(server.url).get(SID) ?? ''
    assert.notEqual(second, first)
    const stale = await new Visitor().get(`${server.url}/api/me`, { cookie: `${SID}=${first}` })
    assert.equal(stale.status, 401)
    const thief = await new Visitor().get(`${server.url}/api/me`, { cookie: `${SID}=${planted}` })
    assert.equal(thief.status, 401)
  })

  it('keeps attempts in two tabs apart', async () => {
    const visitor = new Visitor()
    const one = await visitor.authenticate(
      server.url,
      'reviewer',
      '/login?returnTo=/sessions/first-tab',
    )
    const two = await visitor.authenticate(
      server.url,
      'reviewer',
      '/login?returnTo=/sessions/other-tab',
    )
    assert.equal((await visitor.get(one)).headers.get('location'), '/sessions/first-tab')
    assert.equal((await visitor.get(two)).headers.get('location'), '/sessions/other-tab')
  })

  it('does not pile up unfinished attempts in a browser', async () => {
    const visitor = new Visitor()
    for (let count = 0; count < 12; count += 1) await visitor.get(`${server.url}/login`)
    assert.ok(visitor.cookies(server.url).size <= 5)
  })

  for (const returnTo of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    'javascript:alert(1)',
    '/login?returnTo=/login',
  ]) {
    it(`does not follow returnTo ${JSON.stringify(returnTo)}`, async () => {
      const path = `/login?returnTo=${encodeURIComponent(returnTo)}`
      const response = await new Visitor().signIn(server.url, 'reviewer', path)
      assert.equal(response.headers.get('location'), '/')
    })
  }

  it('lapses after 30 minutes without a request', async () => {
    const visitor = new Visitor()
    await visitor.signIn(server.url, 'reviewer')
    server.advance(29 * 60_000)
    assert.equal((await visitor.get(`${server.url}/api/me`)).status, 200)
    server.advance(30 * 60_000)
    assert.equal((await visitor.get(`${server.url}/api/me`)).status, 401)
  })

  it('signs out for a POST from our page with the CSRF token', async () => {
    const visitor = new Visitor()
    await visitor.signIn(server.url, 'reviewer')
    const me = await (await visitor.get(`${server.url}/api/me`)).json()
    const id = visitor.cookies(server.url).get(SID) ?? ''
    const form = { csrfToken: me.csrfToken }
    const response = await visitor.post(`${server.url}/logout`, form, {
      'sec-fetch-site': 'same-origin',
    })
    assert.equal(response.status, 303)
    assert.equal(response.headers.get('location'), '/signed-out')
    assert.equal(visitor.cookies(server.url).has(SID), false)
    const kept = await new Visitor().get(`${server.url}/api/me`, { cookie: `${SID}=${id}` })
    assert.equal(kept.status, 401)
    assert.equal(server.audit.lines.at(-1)?.event, 'review.signed-out')
  })

  it('does not sign out for a GET, another site, a missing origin or a wrong token', async () => {
    const visitor = new Visitor()
    await visitor.signIn(server.url, 'reviewer')
    const { csrfToken } = await (await visitor.get(`${server.url}/api/me`)).json()
    const logout = `${server.url}/logout`
    assert.equal((await visitor.get(logout)).status, 404)
    const attempts = [
      visitor.post(logout, { csrfToken }, { 'sec-fetch-site': 'cross-site' }),
      visitor.post(logout, { csrfToken }, { 'sec-fetch-site': 'same-site' }),
      visitor.post(logout, { csrfToken }, { origin: 'http://127.0.0.1:1' }),
      visitor.post(logout, { csrfToken }, { origin: 'null' }),
      visitor.post(logout, {}, { 'sec-fetch-site': 'same-origin' }),
      visitor.post(logout, { csrfToken: 'A'.repeat(43) }, { 'sec-fetch-site': 'same-origin' }),
    ]
    for (const response of await Promise.all(attempts)) assert.equal(response.status, 403)
    assert.equal((await visitor.get(`${server.url}/api/me`)).status, 200)
  })

  it('signs out by Origin where a browser sends no Sec-Fetch-Site', async () => {
    const visitor = new Visitor()
    await visitor.signIn(server.url, 'reviewer')
    const { csrfToken } = await (await visitor.get(`${server.url}/api/me`)).json()
    const response = await visitor.post(
      `${server.url}/logout`,
      { csrfToken },
      { origin: server.url },
    )
    assert.equal(response.status, 303)
  })
})
