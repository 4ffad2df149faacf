import assert from 'node:assert/strict'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

/** Returns a fetch that changes the ID token in each token response. */
function tampering(change: (parts: readonly string[]) => readonly string[]): {
  fetch: (url: string, init: object) => Promise<Response>
} {
  return {
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (!url.endsWith('/token')) return response
      const body = await response.json()
      const idToken = change(String(body.id_token).split('.')).join('.')
      return Response.json({ ...body, id_token: idToken })
    },
  }
}

function changedPayload(part: string, change: Readonly<Record<string, unknown>>): string {
  const claims = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  return Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')
}

describe('identity provider', () => {
  let server: ReviewServer | undefined

  afterEach(async () => {
    await server?.close()
  })

  it('finds groups in the userinfo answer when the ID token has none', async () => {
    server = await startReviewServer({ groupsIn: 'userinfo' })
    const visitor = new Visitor()
    assert.equal((await visitor.signIn(server.url, 'approver')).status, 303)
    const me = await (await visitor.get(`${server.url}/api/me`)).json()
    assert.deepEqual(me.roles, ['approver'])
  })

  it('verifies the signature of the ID token, not only the TLS it came through', async () => {
    const oidc = tampering(([header = '', payload = '', signature = '']) => [
      header,
      changedPayload(payload, { groups: ['sallyport-admins'] }),
      signature,
    ])
    server = await startReviewServer({ oidc })
    const response = await new Visitor().signIn(server.url, 'nobody')
    assert.equal(response.status, 400)
    assert.match(await response.text(), /was refused/)
  })

  it('refuses an unsigned ID token', async () => {
    const header = Buffer.from('{"alg":"none"}').toString('base64url')
    const oidc = tampering(([, payload = '']) => [header, payload, ''])
    server = await startReviewServer({ oidc })
    assert.equal((await new Visitor().signIn(server.url, 'reviewer')).status, 400)
  })

  it('answers 502 while the provider is down, and recovers', async () => {
    let isDown = true
    const oidc = {
      async fetch(url: string, init: object): Promise<Response> {
        if (isDown) throw new TypeError('fetch failed')
        return fetch(url, init)
      },
    }
    server = await startReviewServer({ oidc })
    const response = await new Visitor().get(`${server.url}/login`)
    assert.equal(response.status, 502)
    assert.match(await response.text(), /identity provider cannot be reached/)
    const [error] = server.errors
    assert.ok(error instanceof Error && 'code' in error)
    assert.equal(error.code, 'ERR_REVIEW_PROVIDER_UNREACHABLE')
    assert.equal(error.message, 'the identity provider could not be reached')
    isDown = false
    assert.equal((await new Visitor().signIn(server.url, 'reviewer')).status, 303)
  })

  it('answers 502 when the provider fails between redirect and token', async () => {
    let isDown = false
    const oidc = {
      async fetch(url: string, init: object): Promise<Response> {
        return isDown ? new Response('busy', { status: 503 }) : fetch(url, init)
      },
    }
    server = await startReviewServer({ oidc })
    const visitor = new Visitor()
    const callback = await visitor.authenticate(server.url, 'reviewer')
    isDown = true
    assert.equal((await visitor.get(callback)).status, 502)
  })

  it('refuses plain http to an issuer unless it was allowed', async () => {
    server = await startReviewServer({ oidc: { allowInsecureHttp: false } })
    assert.equal((await new Visitor().get(`${server.url}/login`)).status, 502)
  })
})
