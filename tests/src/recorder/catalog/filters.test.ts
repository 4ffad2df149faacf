import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Catalog, openCatalog } from '@sallyport/recorder/catalog'
import type {
  CommandRow,
  DecisionKind,
  RecordingDetail,
  RecordingFilters,
  Scope,
} from '@sallyport/recorder/rows'
import fc from 'fast-check'
import { withFolder } from '../support/folders.ts'
import { type MadeSession, record, sessionArbitrary } from '../support/sessions.ts'

const WORDS = ['a', 'b', 'c']

const filtersArbitrary: fc.Arbitrary<RecordingFilters> = fc.record(
  {
    agent: fc.constantFrom(...WORDS, 'nobody'),
    target: fc.constantFrom(...WORDS),
    login: fc.constantFrom(...WORDS),
    status: fc.constantFrom('running', 'ended', 'interrupted', 'failed'),
    kind: fc.constantFrom('exec', 'shell', 'sftp', 'git'),
    decision: fc.constantFrom('allowed', 'denied', 'held', 'not-judged'),
    rule: fc.constantFrom(...WORDS),
    exit: fc.constantFrom<(number | 'failed' | 'signal')[]>(0, 1, 255, 'failed', 'signal'),
    claims: fc.array(
      fc.record({ name: fc.constantFrom('ref', 'n'), value: fc.constantFrom('a', 'b', '1') }),
      { maxLength: 2 },
    ),
    from: fc.integer({ min: 0, max: 60_000 }),
    to: fc.integer({ min: 0, max: 60_000 }),
    activeAt: fc.integer({ min: 0, max: 80_000 }),
  },
  { requiredKeys: [] },
)

const scopeArbitrary: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant<Scope>({ kind: 'all' }),
  fc.subarray([...WORDS, 'gone']).map((targets): Scope => ({ kind: 'targets', targets })),
)

describe('filters of the catalog', () => {
  it('list exactly what a look at each recording finds, newest first, whatever the page size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sessionArbitrary(WORDS), { maxLength: 25 }),
        fc.array(fc.tuple(filtersArbitrary, scopeArbitrary, fc.integer({ min: 1, max: 8 })), {
          minLength: 4,
          maxLength: 8,
        }),
        async (sessions, questions) => {
          await withSessions(sessions, (catalog, details) => {
            for (const [filters, scope, limit] of questions) {
              const expected = details.filter((detail) => passes(detail, filters, scope))
              assert.deepEqual(
                pages(catalog, filters, scope, limit),
                expected.map(({ recording }) => recording.id),
              )
            }
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('show a recording out of scope to nobody who has its id', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sessionArbitrary(WORDS), { minLength: 1, maxLength: 6 }),
        scopeArbitrary,
        async (sessions, scope) => {
          await withSessions(sessions, (catalog, details) => {
            for (const { recording } of details) {
              const seen = catalog.getRecording(recording.id, scope) !== undefined
              assert.equal(seen, isInScope(recording.target, scope))
            }
          })
        },
      ),
      { numRuns: 20 },
    )
  })

  it('give up looking after a while, and go on where they stopped', async () => {
    await withFolder(async (root) => {
      const catalog = openCatalog({ file: join(root, 'catalog.sqlite'), onError: assert.ifError })
      for (let n = 0; n < 21_000; n += 1) {
        const id = `recording-${n}`
        const rule = n === 2 ? 'odd,even' : n % 2 === 0 ? 'even' : 'odd'
        catalog.recordingStarted(recordingNumber(n, id))
        catalog.commandDecided(id, { ...COMMAND, rule })
        if (n % 1000 === 0) catalog.flush()
      }
      // Both are true of half of all, and of one of the oldest together.
      const filters = { rule: 'odd', claims: [{ name: 'parity', value: '0' }] }
      const first = catalog.listRecordings({ limit: 5, filters })
      assert.deepEqual(first?.rows, [])
      assert.ok(first.next)
      assert.equal(first.searchedTo, 999)
      const second = catalog.listRecordings({ limit: 5, filters, before: first.next })
      assert.deepEqual(
        second?.rows.map(({ id }) => id),
        ['recording-2'],
      )
      assert.equal(second?.next, undefined)
      const both = { rule: 'odd', claims: [{ name: 'parity', value: '1' }] }
      assert.equal(catalog.listRecordings({ limit: 5, filters: both })?.rows.length, 5)
      catalog.close()
    })
  }).timeout(120_000)

  it('return each session once while others arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sessionArbitrary(WORDS), { maxLength: 20 }),
        fc.array(sessionArbitrary(WORDS), { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (sessions, later, limit) => {
          await withSessions(sessions, (catalog, details) => {
            const arriving = [...later]
            const seen: string[] = []
            let before: string | undefined
            do {
              const page = catalog.listRecordings({ limit, before })
              assert.ok(page)
              seen.push(...page.rows.map(({ id }) => id))
              before = page.next
              const next = arriving.pop()
              if (next !== undefined) {
                record(
                  catalog,
                  { ...next, startedAt: next.startedAt + 100_000 },
                  `new-${later.length}-${arriving.length}`,
                )
              }
            } while (before !== undefined)
            assert.deepEqual(
              seen,
              details.map(({ recording }) => recording.id),
            )
          })
        },
      ),
      { numRuns: 30 },
    )
  })
})

const COMMAND: CommandRow = {
  channel: 1,
  at: 0,
  offset: 0,
  text: 'true',
  effect: 'allow',
  rule: 'x',
  argv: [],
  judged: true,
  held: false,
}

function recordingNumber(n: number, id: string): Parameters<Catalog['recordingStarted']>[0] {
  return {
    id,
    startedAt: n,
    identity: 'ci',
    issuer: 'i',
    subject: 's',
    login: 'deploy',
    target: 'web',
    clientAddress: '192.0.2.1',
    entry: '-J',
    claims: { parity: n % 2 },
  }
}

async function withSessions(
  sessions: readonly MadeSession[],
  use: (catalog: Catalog, details: readonly RecordingDetail[]) => void,
): Promise<void> {
  await withFolder(async (root) => {
    const catalog = openCatalog({ file: join(root, 'catalog.sqlite'), onError: assert.ifError })
    sessions.forEach((session, n) => record(catalog, session, `session-${n}`))
    const details = sessions.map((_, n) => {
      const detail = catalog.getRecording(`session-${n}`)
      assert.ok(detail)
      return detail
    })
    // Of the same moment, the one that came later is listed first.
    const newestFirst = details
      .toReversed()
      .toSorted((a, b) => b.recording.startedAt - a.recording.startedAt)
    use(catalog, newestFirst)
    catalog.close()
  })
}

function pages(catalog: Catalog, filters: RecordingFilters, scope: Scope, limit: number): string[] {
  const ids: string[] = []
  let before: string | undefined
  do {
    const page = catalog.listRecordings({ limit, before, filters, scope })
    assert.ok(page)
    ids.push(...page.rows.map(({ id }) => id))
    before = page.next
  } while (before !== undefined)
  return ids
}

function isInScope(target: string, scope: Scope): boolean {
  return scope.kind === 'all' || scope.targets.includes(target)
}

/** What each filter means, as plainly as it can be said. */
function passes(detail: RecordingDetail, filters: RecordingFilters, scope: Scope): boolean {
  const { recording, channels, commands } = detail
  const { exit, kind, decision, rule, claims = [] } = filters
  const { startedAt, endedAt = Infinity } = recording
  const is = (wanted: string | undefined, value: string): boolean =>
    wanted === undefined || wanted === value
  return (
    isInScope(recording.target, scope) &&
    is(filters.agent, recording.identity) &&
    is(filters.target, recording.target) &&
    is(filters.login, recording.login) &&
    is(filters.status, recording.status) &&
    (kind === undefined || channels.some(({ activity }) => activity === kind)) &&
    (exit === undefined || channels.some((channel) => hasExit(channel, exit))) &&
    (decision === undefined || commands.some((command) => isDecided(command, decision))) &&
    (rule === undefined || commands.some((command) => command.rule.split(',').includes(rule))) &&
    claims.every(({ name, value }) =>
      [recording.claims[name]].flat().map(String).includes(value),
    ) &&
    startedAt >= (filters.from ?? 0) &&
    startedAt < (filters.to ?? Infinity) &&
    (filters.activeAt === undefined ||
      (startedAt <= filters.activeAt && endedAt >= filters.activeAt))
  )
}

function hasExit(
  { exitStatus, exitSignal }: RecordingDetail['channels'][number],
  wanted: number | 'failed' | 'signal',
): boolean {
  if (wanted === 'signal') return exitSignal !== undefined
  if (wanted === 'failed') return exitSignal !== undefined || (exitStatus ?? 0) !== 0
  return exitStatus === wanted
}

function isDecided(command: CommandRow, wanted: DecisionKind): boolean {
  switch (wanted) {
    case 'denied':
      return command.effect === 'deny'
    case 'held':
      return command.held
    case 'allowed':
      return command.effect === 'allow' && command.judged
    case 'not-judged':
      return command.effect === 'allow' && !command.judged
  }
}
