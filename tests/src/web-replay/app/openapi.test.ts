import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createApprovalDesk } from '@sallyport/bastion/approve'
import { createReviewApp } from '@sallyport/web-replay/app'
import { parse } from 'yaml'
import { Room } from '../../bastion/approve/support/room.ts'
import { conforms, type Shape } from '../../bastion/decide/rules/conforms.ts'
import { run } from '../../support/run.ts'
import { startFindServer, type FindServer } from '../support/find-server.ts'
import { replayOf, TestAudit, TestCasts, TestCatalog } from '../support/recordings.ts'
import { ROLES } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }>
  >
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

const FILE = new URL('../../../../web-replay/openapi.yaml', import.meta.url)

describe('openapi.yaml', () => {
  const room = new Room({ now: Date.now })
  const reviewer = new Visitor()
  const admin = new Visitor()
  let server: FindServer
  let document: Document

  before(async () => {
    const text = await readFile(FILE, 'utf8')
    document = withoutWords(parse(text)) as Document
    server = await startFindServer({ approvals: createApprovalDesk(room.approvals) })
    await reviewer.signIn(server.url, 'reviewer')
    await admin.signIn(server.url, 'admin')
    await server.add({ id: 'session-1', minute: 1, command: 'tail app.log', output: 'disk full\n' })
    await server.add({ id: 'session-2', minute: 2, running: true })
    await server.real.index.settled()
  })

  after(async () => {
    await server.close()
    room.end()
  })

  it('names each route of the API, and no other', async () => {
    const app = await createReviewApp({
      externalUrl: 'https://replay.example.com',
      catalog: new TestCatalog(),
      search: { search: () => ({ kind: 'busy' }) },
      casts: new TestCasts(),
      audit: new TestAudit(),
      approvals: createApprovalDesk(room.approvals),
      replay: replayOf(new TestCasts()),
      live: { watch: () => undefined },
      ender: { end: () => false },
      history: { of: () => [] },
      targets: {
        list: () => [],
        frozen: () => undefined,
        subscribe: () => () => {},
        plan: () => ({ kind: 'refused', message: 'no' }),
        rotate: () => ({ kind: 'refused', message: 'no' }),
      },
      oidc: { issuer: 'https://id.example', clientId: 'c', clientSecret: 's', groupsClaim: 'g' },
      roles: ROLES,
      now: Date.now,
    })
    const real = routesOf(app.handler.router).filter((route) => route.includes(' /api/'))
    await app.close()
    const written = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    )
    assert.deepEqual(written.toSorted(), real.toSorted())
  })

  it('is served, as it is, to whoever is signed in', async () => {
    const url = `${server.url}/api/openapi.yaml`
    const response = await reviewer.get(url)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/yaml')
    assert.equal(await response.text(), await readFile(FILE, 'utf8'))
    assert.equal((await new Visitor().get(url)).status, 401)
  })

  it('is in the package', async () => {
    const cwd = fileURLToPath(new URL('.', FILE))
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--offline'], { cwd })
    const [packed] = JSON.parse(stdout) as readonly { files: readonly { path: string }[] }[]
    const names = packed?.files.map(({ path }) => path) ?? []
    assert.ok(names.includes('openapi.yaml'))
    assert.ok(names.includes('page/approvals.js'))
  })

  for (const [path, url, who] of [
    ['/api/me', '/api/me', 'reviewer'],
    ['/api/sessions', '/api/sessions?limit=1', 'reviewer'],
    ['/api/sessions', '/api/sessions?target=none', 'reviewer'],
    ['/api/sessions/{id}', '/api/sessions/session-1', 'reviewer'],
    ['/api/search', '/api/search?q=tail&in=commands', 'reviewer'],
    ['/api/search', '/api/search?q=disk&in=output', 'reviewer'],
    [
      '/api/sessions/{id}/channels/{channel}/markers',
      '/api/sessions/session-1/channels/1/markers',
      'reviewer',
    ],
    ['/api/approvals', '/api/approvals', 'admin'],
    ['/api/grants', '/api/grants', 'admin'],
  ] as const) {
    it(`describes what ${url} answers`, async () => {
      const response = await (who === 'admin' ? admin : reviewer).get(server.url + url)
      assert.equal(response.status, 200)
      assertConforms(schemaOf(document, path, '200'), await response.json())
    })
  }

  for (const [path, status] of [
    ['/api/sessions?nonsense=1', 400],
    ['/api/search?q=x', 400],
    ['/api/sessions/unknown-1', 404],
    ['/api/approvals', 403],
  ] as const) {
    it(`describes the problem ${status} of ${path}`, async () => {
      const response = await reviewer.get(server.url + path)
      assert.equal(response.status, status)
      assertConforms({ $ref: '#/$defs/Problem' }, await response.json())
    })
  }

  it('would notice a field that it does not describe', () => {
    assert.throws(() => assertConforms({ $ref: '#/$defs/SessionPage' }, { rows: [], more: 1 }))
    assert.throws(() => assertConforms({ $ref: '#/$defs/SessionPage' }, {}))
  })

  function assertConforms(schema: unknown, value: unknown): void {
    const root: Shape = { $defs: document.components.schemas }
    assert.ok(conforms(schema, value, root), JSON.stringify(value))
  }
})

function schemaOf(document: Document, path: string, status: string): unknown {
  return document.paths[path]?.['get']?.responses[status]?.content?.['application/json']?.schema
}

/** The document in the form that `conforms` reads: words for people left out, definitions at its root. */
function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords)
  if (typeof value === 'string') return value.replace('#/components/schemas/', '#/$defs/')
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, stated]) => !(['description', 'format'].includes(key) && typeof stated === 'string'),
      )
      .map(([key, stated]) => [key, withoutWords(stated)]),
  )
}

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> }
  readonly handle: { readonly stack?: readonly Layer[] }
}

function routesOf(router: { readonly stack: unknown }): readonly string[] {
  const layers = router.stack as readonly Layer[]
  return layers.flatMap(({ route, handle }) => {
    if (route === undefined)
      return handle.stack === undefined ? [] : routesOf({ stack: handle.stack })
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    return Object.keys(route.methods).map((method) => `${method} ${path}`)
  })
}
