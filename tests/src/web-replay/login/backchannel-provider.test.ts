import assert from 'node:assert/strict'
import { logoutClaims } from '../support/logout-claims.ts'
import { startReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

describe('logout by an identity provider', () => {
  it('is limited where it is refused, and not where it is good', async () => {
    const server = await startReviewServer({
      app: { signInLimits: { perAddress: 20, all: 600 } },
    })
    const send = (logout_token: string): Promise<Response> =>
      new Visitor().post(`${server.url}/login/backchannel`, { logout_token })
    for (let count = 0; count < 40; count += 1) {
      const token = await server.issuer.sign(logoutClaims(server.issuerUrl))
      assert.equal((await send(token)).status, 200)
    }
    const statuses: number[] = []
    for (let count = 0; count < 25; count += 1) statuses.push((await send('x')).status)
    assert.equal(statuses.filter((status) => status === 400).length, 20)
    const last = await send('x')
    assert.equal(last.status, 429)
    assert.ok(Number(last.headers.get('retry-after')) > 0)
    assert.equal((await last.json()).error, 'temporarily_unavailable')
    await server.close()
  })

  it('that cannot be reached for its keys fails, in the words of the specification', async () => {
    let isDown = true
    const server = await startReviewServer({
      backchannel: true,
      oidc: {
        async fetch(url: string, init: object): Promise<Response> {
          if (isDown) throw new TypeError('fetch failed')
          return fetch(url, init)
        },
      },
    })
    const logout_token = await server.issuer.sign(logoutClaims(server.issuerUrl))
    const send = (): Promise<Response> =>
      new Visitor().post(`${server.url}/login/backchannel`, { logout_token })
    const response = await send()
    assert.equal(response.status, 400)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal((await response.json()).error, 'server_error')
    assert.equal(server.errors.length, 1)
    isDown = false
    assert.equal((await send()).status, 200)
    await server.close()
  })

  it('that names no sessions ends all sign-ins of the person', async () => {
    const server = await startReviewServer()
    const visitor = new Visitor()
    await visitor.signIn(server.url, 'reviewer')
    const logout_token = await server.issuer.sign(
      logoutClaims(server.issuerUrl, { sid: 'a session that no sign-in knows' }),
    )
    await new Visitor().post(`${server.url}/login/backchannel`, { logout_token })
    assert.equal((await visitor.get(`${server.url}/api/me`)).status, 401)
    await server.close()
  })
})
