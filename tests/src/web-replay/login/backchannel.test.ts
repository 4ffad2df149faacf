import assert from 'node:assert/strict'
import { createApprovalDesk } from '@sallyport/bastion/approve'
import { SignJWT, generateKeyPair, type JWTPayload } from 'jose'
import { Room } from '../../bastion/approve/support/room.ts'
import { RunningChannel } from '../follow/live-channel.ts'
import { CLIENT_ID, CLIENT_SECRET } from '../support/issuer.ts'
import { LOGOUT_EVENT, logoutClaims } from '../support/logout-claims.ts'
import { TestCasts, cast, channelRow, recordingRow, replayOf } from '../support/recordings.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const RECORDING = 'rec_running1'

describe('logout by the identity provider', () => {
  let server: ReviewServer
  let room: Room
  /** Called with each answer of the provider's token endpoint before the app hears it. */
  let onTokens: (body: { readonly id_token: string }) => Promise<void>

  before(async () => {
    room = new Room({ now: Date.now })
    const casts = new TestCasts()
    casts.texts.set(`${RECORDING}/0`, cast([[1, 'o', 'before']]))
    const running = new RunningChannel(casts, `${RECORDING}/0`)
    server = await startReviewServer({
      backchannel: true,
      oidc: {
        async fetch(url: string, init: object) {
          const response = await fetch(url, init)
          if (url.endsWith('/token')) await onTokens(await response.clone().json())
          return response
        },
      },
      app: {
        approvals: createApprovalDesk(room.approvals),
        live: { watch: (...given) => running.watch(...given) },
        replay: replayOf(casts),
        signInLimits: { perAddress: 200, all: 600 },
      },
    })
    server.catalog.add({
      recording: recordingRow({ id: RECORDING, status: 'running', endedAt: undefined }),
      channels: [channelRow({ pty: true, endedAt: undefined })],
    })
  })

  after(async () => {
    await server.close()
    room.end()
  })

  beforeEach(() => {
    onTokens = async () => {}
    server.audit.lines.splice(0)
  })

  async function signedIn(account: string): Promise<Visitor> {
    const visitor = new Visitor()
    assert.equal((await visitor.signIn(server.url, account)).status, 303)
    return visitor
  }

  async function statusOf(visitor: Visitor): Promise<number> {
    return (await visitor.get(`${server.url}/api/me`)).status
  }

  function claims(more?: Readonly<Record<string, unknown>>): JWTPayload {
    return logoutClaims(server.issuerUrl, more)
  }

  function send(form: Readonly<Record<string, string>>): Promise<Response> {
    const body = new URLSearchParams(form)
    return fetch(`${server.url}/login/backchannel`, { method: 'POST', body })
  }

  async function sendToken(more?: Readonly<Record<string, unknown>>): Promise<Response> {
    return send({ logout_token: await server.issuer.sign(claims(more), { typ: 'logout+jwt' }) })
  }

  async function assertRefused(response: Response, reason: RegExp): Promise<void> {
    const body = await response.json()
    assert.equal(response.status, 400, JSON.stringify(body))
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(body.error, 'invalid_request')
    assert.match(body.error_description, reason)
    const line = server.audit.lines.at(-1)
    assert.equal(line?.event, 'review.logout-refused')
    assert.match(String(line?.detail['reason']), reason)
  }

  it('ends the sign-in of the session that a person ended at a real provider, and no other', async () => {
    const [here, there, other] = [
      await signedIn('reviewer'),
      await signedIn('reviewer'),
      await signedIn('approver'),
    ]
    await here.signOutAtProvider(`${server.issuerUrl}/session/end`)
    assert.equal(await statusOf(here), 401)
    assert.equal(await statusOf(there), 200)
    assert.equal(await statusOf(other), 200)
    const line = server.audit.lines.find(({ event }) => event === 'review.logged-out')
    assert.equal(line?.detail['ended'], 1)
    assert.equal(line?.detail['subject'], 'reviewer')
    assert.equal(Object(line?.detail['reviewer']).name, 'Test reviewer')
  })

  it('is where the page after signing out leads to', async () => {
    const visitor = await signedIn('reviewer')
    const { csrfToken } = await (await visitor.get(`${server.url}/api/me`)).json()
    const headers = { 'sec-fetch-site': 'same-origin' }
    await visitor.post(`${server.url}/logout`, { csrfToken }, headers)
    const page = await (await visitor.get(`${server.url}/signed-out`)).text()
    const link = /href="([^"]+)">Sign out there too/.exec(page)?.[1] ?? ''
    assert.equal(link, `${server.issuerUrl}/session/end?client_id=${CLIENT_ID}`)
    const answer = await visitor.signOutAtProvider(link)
    assert.ok([200, 303].includes(answer.status))
    // Who is not known to the provider any more is asked for a name again.
    const login = await visitor.get(`${server.url}/login`)
    const location = new URL(login.headers.get('location') ?? '')
    const asked = await visitor.get(location)
    const next = await visitor.get(new URL(asked.headers.get('location') ?? '', location))
    assert.match(await next.text(), /name="login"/)
  })

  it('ends the streams of that sign-in at once', async () => {
    const visitor = await signedIn('admin')
    const paths = ['/api/approvals/events', `/api/sessions/${RECORDING}/channels/0/live`]
    const streams = await Promise.all(paths.map((path) => visitor.get(server.url + path)))
    for (const { status, headers } of streams) {
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), 'text/event-stream')
    }
    const ends = Promise.all(streams.map((stream) => stream.text()))
    await visitor.signOutAtProvider(`${server.issuerUrl}/session/end`)
    assert.equal((await ends).length, 2)
  })

  it('ends all sign-ins of a person when no session is named', async () => {
    const [one, two] = [await signedIn('reviewer'), await signedIn('reviewer')]
    const other = await signedIn('approver')
    const response = await sendToken()
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(await response.text(), '')
    assert.deepEqual(await Promise.all([one, two, other].map(statusOf)), [401, 401, 200])
  })

  it('asks for no CSRF token and no origin, since it takes nothing from a browser', async () => {
    const visitor = await signedIn('reviewer')
    const logout_token = await server.issuer.sign(claims())
    const headers = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }
    const bare = await visitor.post(`${server.url}/login/backchannel`, {}, headers)
    assert.equal(bare.status, 400)
    assert.equal(await statusOf(visitor), 200)
    const body = new URLSearchParams({ logout_token })
    const url = `${server.url}/login/backchannel`
    const response = await fetch(url, { method: 'POST', body, headers })
    assert.equal(response.status, 200)
    assert.equal(await statusOf(visitor), 401)
  })

  it('says the same when there is nothing to end', async () => {
    for (const more of [{ sub: 'stranger' }, { sid: 'unknown' }, { sub: undefined, sid: 'x' }]) {
      assert.equal((await sendToken(more)).status, 200)
    }
  })

  it('keeps a sign-in from overtaking it', async () => {
    onTokens = async () => {
      const iat = Math.floor(Date.now() / 1000)
      assert.equal((await sendToken({ sub: 'approver', iat })).status, 200)
    }
    const visitor = new Visitor()
    const response = await visitor.signIn(server.url, 'approver')
    assert.equal(response.status, 400)
    assert.match(await response.text(), /has signed you out meanwhile/)
    assert.equal(await statusOf(visitor), 401)
    const line = server.audit.lines.at(-1)
    assert.equal(line?.event, 'review.sign-in-refused')
    assert.equal(line?.detail['reason'], 'logged-out')
  })

  describe('is refused', () => {
    let victim: Visitor

    beforeEach(async () => {
      victim = await signedIn('reviewer')
    })

    afterEach(async () => {
      assert.equal(await statusOf(victim), 200)
    })

    for (const [title, more, reason] of [
      ['for another audience', { aud: 'another-client' }, /"aud"/],
      ['for others too', { aud: [CLIENT_ID, 'another-client'] }, /for others too/],
      ['from another issuer', { iss: 'https://evil.example' }, /"iss"/],
      ['with a nonce', { nonce: 'n' }, /has a nonce/],
      ['with an empty nonce', { nonce: null }, /has a nonce/],
      ['that has expired', { exp: 1_700_000_000 }, /"exp"/],
      ['that is old and says not when it expires', { iat: 1_700_000_000, exp: undefined }, /"iat"/],
      ['from the future', { iat: 4_000_000_000, exp: undefined }, /"iat"/],
      ['without iat', { iat: undefined }, /"iat"/],
      ['without jti', { jti: undefined }, /"jti"/],
      ['with a jti that is no text', { jti: 7 }, /jti/],
      ['without events', { events: undefined }, /"events"/],
      ['with other events', { events: { other: {} } }, /no logout/],
      ['with an event that is no object', { events: { [LOGOUT_EVENT]: true } }, /no logout/],
      ['with events in a list', { events: [LOGOUT_EVENT] }, /no logout/],
      ['that names nobody', { sub: undefined }, /neither sub nor sid/],
      ['with a sid that is no text', { sid: { $ne: 1 } }, /sid/],
      ['with an endless sid', { sid: 'x'.repeat(513) }, /sid/],
    ] as const) {
      it(title, async () => {
        await assertRefused(await sendToken(more), reason)
      })
    }

    it('of another type', async () => {
      for (const typ of ['at+jwt', 'secevent+jwt', 'dpop+jwt']) {
        const logout_token = await server.issuer.sign(claims(), { typ })
        await assertRefused(await send({ logout_token }), /another type/)
      }
    })

    it('without a signature', async () => {
      const part = (value: unknown): string =>
        Buffer.from(JSON.stringify(value)).toString('base64url')
      for (const alg of ['none', 'None']) {
        const logout_token = `${part({ alg, typ: 'logout+jwt' })}.${part(claims())}.`
        await assertRefused(await send({ logout_token }), /./)
      }
    })

    it('signed with the key of another issuer, under our issuer’s key id or its own', async () => {
      const { privateKey } = await generateKeyPair('ES256')
      for (const kid of ['test', 'other']) {
        const logout_token = await new SignJWT(claims())
          .setProtectedHeader({ alg: 'ES256', kid })
          .sign(privateKey)
        await assertRefused(await send({ logout_token }), /signature|key/)
      }
    })

    it('signed with a secret that both sides know', async () => {
      const jwks = await (await fetch(`${server.issuerUrl}/jwks`)).text()
      for (const secret of [CLIENT_SECRET, jwks]) {
        const logout_token = await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'test' })
          .sign(Buffer.from(secret.padEnd(32)))
        await assertRefused(await send({ logout_token }), /alg/)
      }
    })

    it('when it is really an ID token', async () => {
      let idToken = ''
      onTokens = async (body) => {
        idToken = body.id_token
      }
      await signedIn('admin')
      await assertRefused(await send({ logout_token: idToken }), /events/)
    })

    it('when its payload was changed', async () => {
      const [header, , signature] = (await server.issuer.sign(claims({ sub: 'x' }))).split('.')
      const payload = Buffer.from(JSON.stringify(claims())).toString('base64url')
      const logout_token = `${header}.${payload}.${signature}`
      await assertRefused(await send({ logout_token }), /signature/)
    })

    it('the second time', async () => {
      const logout_token = await server.issuer.sign(claims({ sub: 'somebody' }))
      assert.equal((await send({ logout_token })).status, 200)
      await assertRefused(await send({ logout_token }), /come before/)
    })

    it('when there is none, or two, or no form at all', async () => {
      const url = `${server.url}/login/backchannel`
      await assertRefused(await send({}), /no logout_token/)
      const token = await server.issuer.sign(claims())
      const twice = new URLSearchParams([
        ['logout_token', token],
        ['logout_token', token],
      ])
      await assertRefused(await fetch(url, { method: 'POST', body: twice }), /no logout_token/)
      const json = await new Visitor().postJson(url, { logout_token: token })
      await assertRefused(json, /no logout_token/)
      for (const logout_token of ['', 'x', '..', 'a.b.c', '\u0000']) {
        await assertRefused(await send({ logout_token }), /./)
      }
      const large = await send({ logout_token: 'x'.repeat(20_000) })
      assert.equal(large.status, 400)
      assert.equal((await large.json()).error, 'invalid_request')
      assert.equal((await fetch(url)).status, 404)
    })
  })
})
