import assert from 'node:assert/strict'
import { startFindServer, type FindServer } from '../support/find-server.ts'
import { Visitor } from '../support/visitor.ts'

describe('finding sessions', () => {
  const reviewer = new Visitor()
  let server: FindServer

  before(async () => {
    server = await startFindServer()
    await reviewer.signIn(server.url, 'reviewer')
    await server.add({ id: 'session-1', minute: 1, command: 'tail app.log', output: 'disk full\n' })
    await server.add({
      id: 'session-2',
      minute: 2,
      command: 'rm -rf /srv',
      decision: { effect: 'deny', rule: 'no-removal' },
      exitStatus: 126,
      claims: { repository: 'acme/pay', run_id: 77 },
    })
    await server.add({
      id: 'session-3',
      minute: 3,
      command: "=cmd|' /C calc'!A0",
      identity: '@SUM(1+1)*cmd',
      target: 'db-1',
      activity: 'git',
      running: true,
    })
    await server.real.index.settled()
  })

  beforeEach(() => {
    server.audit.lines.length = 0
    server.audit.isBroken = false
  })

  after(async () => {
    await server.close()
  })

  async function ids(query: string): Promise<string> {
    const response = await reviewer.get(`${server.url}/api/sessions?${query}`)
    assert.equal(response.status, 200, query)
    const { rows }: { rows: { id: string }[] } = await response.json()
    return rows.map(({ id }) => id.slice(-1)).join(' ')
  }

  for (const [query, expected] of [
    ['', '3 2 1'],
    ['agent=github/acme/shop', '2 1'],
    ['target=db-1', '3'],
    ['login=deploy&kind=exec', '2 1'],
    ['kind=git', '3'],
    ['decision=denied', '2'],
    ['decision=allowed', '3 1'],
    ['decision=held', ''],
    ['rule=no-removal&exit=126', '2'],
    ['exit=failed', '2'],
    ['exit=0', '1'],
    ['exit=signal', ''],
    ['status=running', '3'],
    ['claim.repository=acme/pay', '2'],
    ['claim.run_id=77&claim.repository=acme/pay', '2'],
    ['claim.run_id=78&claim.repository=acme/pay', ''],
    ['from=2026-11-23T09:32:00Z', '3 2'],
    ['to=2026-11-23T10:32:00%2B01:00', '1'],
    ['activeAt=2026-11-23T09:31:02Z', '1'],
    ['activeAt=2026-11-23T09:31:30Z', ''],
    ['activeAt=2026-12-24T09:31:30Z', '3'],
  ] as const) {
    it(`lists ${expected || 'none'} for ${query || 'no filter'}`, async () => {
      assert.equal(await ids(query), expected)
    })
  }

  for (const [query, detail] of [
    ['agnet=x', /^There is no filter "agnet"\. There are: agent, target, /],
    ['agent=a&agent=b', /^agent may be given once\.$/],
    ['agent=', /^"agent" must be 1 to 512 characters long\.$/],
    ['claim.=x', /^There is no filter "claim\."/],
    ['__proto__=x', /^There is no filter "__proto__"/],
    ['constructor=x', /^There is no filter "constructor"/],
    ['exit=-1', /^exit must be a number, failed or signal\.$/],
    ['decision=deny', /^decision must be one of allowed, denied, held, not-judged\.$/],
    ['from=2026-02-31T00:00:00Z', /^from must be a time such as /],
    ['from=2026-11-23T09:30:00', /^from must be a time such as /],
    ['activeAt=yesterday', /^activeAt must be a time such as /],
    [
      'claim.a=1&claim.b=1&claim.c=1&claim.d=1&claim.e=1&claim.f=1&claim.g=1&claim.h=1&claim.i=1',
      /^At most 8/,
    ],
    ['format=csv', /^There is no filter "format"/],
  ] as const) {
    it(`answers 400 to ${query.slice(0, 40)}`, async () => {
      for (const path of ['sessions', 'sessions.export', 'search']) {
        if (path !== 'sessions' && query === 'format=csv') continue
        const rest =
          path === 'search' ? '&q=abc&in=output' : path === 'sessions' ? '' : '&format=csv'
        const response = await reviewer.get(`${server.url}/api/${path}?${query}${rest}`)
        assert.equal(response.status, 400)
        assert.match((await response.json()).detail, detail)
      }
    })
  }

  it('searches commands and output, links to the second, and writes down who looked for what', async () => {
    const response = await reviewer.get(`${server.url}/api/search?q=disk+full&in=output`)
    const page = await response.json()
    assert.equal(page.waiting, 0)
    assert.equal(page.groups[0].recording.id, 'session-1')
    assert.equal(page.groups[0].recording.claims, undefined)
    assert.equal(page.groups[0].hits[0].channel, 1)
    assert.equal(page.groups[0].hits[0].offset, 3)
    const [line] = server.audit.lines
    assert.equal(line?.event, 'review.searched')
    assert.equal(line.detail['text'], 'disk full')
    const commands = await reviewer.get(
      `${server.url}/api/search?q=rm%20-r&in=commands&decision=denied`,
    )
    const [group] = (await commands.json()).groups
    assert.equal(group.hits[0].effect, 'deny')
    const none = await reviewer.get(
      `${server.url}/api/search?q=rm%20-r&in=commands&decision=allowed`,
    )
    assert.deepEqual((await none.json()).groups, [])
  })

  for (const [query, detail] of [
    ['in=output', 'q must be text of 1 to 256 characters.'],
    ['q=x', 'in must be commands or output.'],
    ['q=rm&in=commands', 'Commands are searched for three characters or more.'],
    ['q=abc&in=output&before=!', 'before is not a cursor from an earlier page.'],
    ['q=abc&in=output&limit=0', 'limit must be a whole number from 1 to 200.'],
  ] as const) {
    it(`says what is wrong with the search ${query}`, async () => {
      const response = await reviewer.get(`${server.url}/api/search?${query}`)
      assert.equal(response.status, 400)
      assert.equal((await response.json()).detail, detail)
    })
  }

  it('exports a filtered list as CSV that no spreadsheet runs, and writes that down', async () => {
    const response = await reviewer.get(`${server.url}/api/sessions.export?format=csv&target=db-1`)
    assert.match(response.headers.get('content-type') ?? '', /^text\/csv/)
    assert.equal(response.headers.get('content-disposition'), 'attachment; filename=sessions.csv')
    const lines = (await response.text()).split('\r\n')
    assert.equal(lines.length, 3)
    assert.match(lines[0] ?? '', /^"id","started","ended",/)
    assert.match(lines[1] ?? '', /,"'@SUM\(1\+1\)\*cmd",.*,"'=cmd\|' \/C calc'!A0",/)
    assert.equal(server.audit.lines[0]?.event, 'review.exported')
    assert.deepEqual(server.audit.lines[0]?.detail['filters'], { target: 'db-1' })
  })

  it('exports JSON lines of all pages', async () => {
    for (let n = 0; n < 450; n += 1) {
      const id = `many-${String(n).padStart(4, '0')}`
      await server.add({ id, minute: 1000 + n, target: 'many', running: true })
    }
    const path = `${server.url}/api/sessions.export?format=jsonl&target=many`
    const text = await (await reviewer.get(path)).text()
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(rows.length, 450)
    assert.equal(new Set(rows.map(({ id }) => id)).size, 450)
    assert.equal(rows[0].id, 'many-0449')
    assert.deepEqual(rows[0].claims, { repository: 'acme/shop' })
  })

  it('exports and searches nothing that could not be audited', async () => {
    server.audit.isBroken = true
    for (const path of ['sessions.export?format=csv', 'search?q=disk&in=output']) {
      const response = await reviewer.get(`${server.url}/api/${path}`)
      assert.equal(response.status, 503)
      assert.equal(response.headers.get('content-disposition'), null)
    }
  })
})

describe('scopes of reviewers', () => {
  const [shop, both, outside, admin] = [new Visitor(), new Visitor(), new Visitor(), new Visitor()]
  let server: FindServer

  before(async () => {
    server = await startFindServer({
      scopes: [
        { groups: ['team-shop'], targets: ['shop-1', 'shop-2'] },
        { groups: ['team-pay', 'nobody-else'], targets: ['pay-1'] },
      ],
    })
    const visitors = { shop, both, reviewer: outside, admin }
    for (const [name, visitor] of Object.entries(visitors)) await visitor.signIn(server.url, name)
    for (const [minute, target] of ['shop-1', 'pay-1', 'shop-2', 'other'].entries()) {
      const output = 'the secret word\n'
      await server.add({ id: `session-${target}`, minute, target, command: 'cat secret', output })
    }
    await server.real.index.settled()
  })

  after(async () => {
    await server.close()
  })

  for (const [name, visitor, expected] of [
    ['a reviewer of one team', shop, ['shop-2', 'shop-1']],
    ['a reviewer of two teams', both, ['shop-2', 'pay-1', 'shop-1']],
    ['a reviewer whom no scope names', outside, []],
    ['an admin', admin, ['other', 'shop-2', 'pay-1', 'shop-1']],
  ] as const) {
    it(`show ${name} ${expected.length} of 4 sessions, everywhere`, async () => {
      const get = async (path: string): Promise<Response> =>
        visitor.get(`${server.url}/api/${path}`)
      const list = await (await get('sessions')).json()
      const targets = (rows: { target: string }[]): string[] => rows.map(({ target }) => target)
      assert.deepEqual(targets(list.rows), expected)
      for (const within of ['commands', 'output']) {
        const { groups } = await (await get(`search?q=secret&in=${within}`)).json()
        const found = targets(groups.map((group: { recording: unknown }) => group.recording))
        assert.deepEqual(found, expected, within)
      }
      const csv = await (await get('sessions.export?format=csv')).text()
      assert.equal(csv.trimEnd().split('\r\n').length, 1 + expected.length)
      const lines = await (await get('sessions.export?format=jsonl')).text()
      assert.equal(lines.split('\n').length, 1 + expected.length)
      for (const target of ['shop-1', 'pay-1', 'shop-2', 'other']) {
        const seen = (expected as readonly string[]).includes(target)
        const status = seen ? 200 : 404
        assert.equal((await get(`sessions/session-${target}`)).status, status)
        const filtered = await (await get(`sessions?target=${target}`)).json()
        assert.equal(filtered.rows.length, seen ? 1 : 0)
        for (const part of ['cast', 'raw', 'markers']) {
          const answer = await get(`sessions/session-${target}/channels/1/${part}`)
          // The casts of this server are elsewhere: only markers of a known channel are answered.
          assert.equal(answer.status, seen && part === 'markers' ? 200 : 404, `${target} ${part}`)
        }
      }
      assert.deepEqual(
        server.casts.asked.filter((each) => !each.endsWith('/1')),
        [],
      )
    })
  }

  it('are named to the person', async () => {
    const me = await (await shop.get(`${server.url}/api/me`)).json()
    assert.deepEqual(me.scope, { kind: 'targets', targets: ['shop-1', 'shop-2'] })
  })
})
