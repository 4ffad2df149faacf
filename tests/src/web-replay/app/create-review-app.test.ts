import assert from 'node:assert/strict'
import { createReviewApp } from '@sallyport/web-replay/app'
import type { ReviewAppOptions } from '@sallyport/web-replay/app'
import { TestAudit, TestCasts, TestCatalog } from '../support/recordings.ts'
import { ROLES, startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const OPTIONS: ReviewAppOptions = {
  externalUrl: 'https://replay.example.com',
  catalog: new TestCatalog(),
  casts: new TestCasts(),
  audit: new TestAudit(),
  oidc: {
    issuer: 'https://id.example.com',
    clientId: 'c',
    clientSecret: 's',
    groupsClaim: 'groups',
  },
  roles: ROLES,
  now: Date.now,
}

describe('createReviewApp', () => {
  it('starts although the identity provider cannot be reached', async () => {
    const app = await createReviewApp(OPTIONS)
    await app.close()
  })

  for (const [externalUrl, message] of [
    ['replay.example.com', '"externalUrl" is not a URL: replay.example.com'],
    ['http://replay.example.com', '"externalUrl" must be https, or http on loopback'],
    ['http://127.0.0.1.evil.example', '"externalUrl" must be https, or http on loopback'],
    ['ftp://localhost', '"externalUrl" must be https, or http on loopback'],
    ['https://h/replay', '"externalUrl" must be a scheme, a host and a port, and nothing more'],
    ['https://u:p@h', '"externalUrl" must be a scheme, a host and a port, and nothing more'],
  ] as const) {
    it(`refuses the external URL ${externalUrl}`, async () => {
      await assert.rejects(createReviewApp({ ...OPTIONS, externalUrl }), {
        name: 'TypeError',
        message,
      })
    })
  }
})

describe('every answer', () => {
  let server: ReviewServer

  before(async () => {
    server = await startReviewServer({ app: { banner: 'Demonstration <only>' } })
  })

  after(async () => {
    await server.close()
  })

  for (const path of [
    '/',
    '/api/me',
    '/signed-out',
    '/nowhere',
    '/page/base.css',
    '/login/callback',
  ]) {
    it(`carries the policy: ${path}`, async () => {
      const { headers } = await new Visitor().get(server.url + path)
      assert.equal(
        headers.get('content-security-policy'),
        "default-src 'none';script-src 'self' 'wasm-unsafe-eval';style-src 'self';connect-src 'self';" +
          "img-src 'self';font-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
      )
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
      assert.equal(headers.get('x-frame-options'), 'DENY')
      assert.equal(headers.get('x-powered-by'), null)
      assert.equal(
        headers.get('cache-control'),
        path.startsWith('/page/') ? 'no-cache' : 'no-store',
      )
    })
  }

  it('has the banner, escaped', async () => {
    const page = await (await new Visitor().get(`${server.url}/signed-out`)).text()
    assert.match(page, /Demonstration &lt;only&gt;/)
  })
})

describe('static files', () => {
  let server: ReviewServer

  before(async () => {
    server = await startReviewServer()
  })

  after(async () => {
    await server.close()
  })

  it('are our modules, our styles, and what the player imports', async () => {
    const visitor = new Visitor()
    const player = '/vendor/asciinema-player/'
    const entry = await (await visitor.get(`${server.url}${player}index.js`)).text()
    const imported = [...entry.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => player + name)
    assert.ok(imported.length > 0)
    for (const path of ['/page/list.js', '/page/replay.js', ...imported]) {
      const response = await visitor.get(server.url + path)
      assert.equal(response.status, 200, path)
      assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8')
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    }
    assert.equal((await visitor.get(`${server.url}${player}LICENSE`)).status, 200)
  })

  it('are named by their content where a page asks for them, and then never asked for again', async () => {
    const visitor = new Visitor()
    const page = await (await visitor.get(`${server.url}/signed-out`)).text()
    const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
      ([, path = '']) => path,
    )
    assert.ok(paths.length >= 3, page)
    for (const path of paths) {
      const response = await visitor.get(server.url + path)
      assert.equal(response.status, 200, path)
      assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    }
    const other = paths[0]?.replace(/[0-9a-f]{16}/, '0123456789abcdef') ?? ''
    assert.equal((await visitor.get(server.url + other)).status, 404)
  })

  for (const path of [
    '/page/tsconfig.json',
    '/page/api-types.d.ts',
    '/page/..%2fpackage.json',
    '/page/%2e%2e/package.json',
    '/vendor/asciinema-player/ui.js',
    '/vendor/asciinema-player/..%2f..%2fpackage.json',
    '/vendor/express/index.js',
  ]) {
    it(`are not ${path}`, async () => {
      assert.equal((await new Visitor().get(server.url + path)).status, 404)
    })
  }
})
