import { strict as assert } from 'node:assert'
import { frameOf, readRun } from '@sallyport/bastion/cli/watch'
import fc from 'fast-check'

const units = [
  ...Array.from({ length: 6 }, (_, at) => ({ key: `k${at}`, state: 'rotated' })),
  { key: 'k6', state: 'refused', problem: 'it said \u001b[31mno\u202e\n' },
  {
    key: 'k7',
    state: 'running',
    places: [
      { target: 'web-1', login: 'deploy', step: 'added' },
      { target: 'web-2', login: 'deploy', step: 'waiting' },
    ],
  },
  { key: 'k8', state: 'running' },
  ...Array.from({ length: 3 }, (_, at) => ({ key: `k${at + 9}`, state: 'waiting' })),
]

describe('a run on a terminal', () => {
  it('is a bar, what is worked on, and what failed, with what is odd escaped', () => {
    const run = readRun({ state: 'running', units })
    assert.deepEqual(frameOf(run, { columns: 80, rows: 24 }), [
      '[############------------] 6 of 12 rotated, 2 running, 1 refused',
      '  k7  deploy@web-1  added',
      '  k7  deploy@web-2  waiting',
      '  k8  looking at its places',
      '  k6  refused  it said \\u{1b}[31mno\\u{202e}\\u{a}',
    ])
  })

  it('says until when it is frozen', () => {
    const frozen = { name: 'launch', until: '2026-06-01T00:00:00.000Z' }
    const run = readRun({ state: 'running', units, frozen })
    assert.equal(
      frameOf(run, { columns: 80, rows: 24 })[1],
      '  frozen until 2026-06-01T00:00:00.000Z (launch)',
    )
  })

  it('is cut to a small terminal, and says so', () => {
    const run = readRun({ state: 'running', units })
    assert.deepEqual(frameOf(run, { columns: 21, rows: 4 }), [
      '[############----...',
      '  k7  deploy@web-...',
      '  and 3 more lines',
    ])
    assert.equal(frameOf(run, { columns: 1, rows: 1 }).length, 1)
  })

  it('fits into any terminal, whatever stands in it', () => {
    const text = fc.string({ unit: 'binary' })
    const unit = fc.record({
      key: text,
      state: fc.constantFrom('waiting', 'running', 'rotated', 'refused', 'unfinished'),
      problem: fc.option(text, { nil: undefined }),
      places: fc.array(fc.record({ target: text, login: text, step: text }), { maxLength: 3 }),
    })
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 120 }),
      rows: fc.integer({ min: 1, max: 40 }),
    })
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), text, size, (all, name, { columns, rows }) => {
        const run = readRun({ state: 'running', units: all, frozen: { name, until: name } })
        const lines = frameOf(run, { columns, rows })
        assert.ok(lines.length >= 1 && lines.length <= Math.max(1, rows - 1))
        for (const line of lines) {
          assert.ok(line.length <= Math.max(1, columns - 1))
          assert.match(line, /^[\x20-\x7e]*$/)
        }
      }),
      { numRuns: 40 },
    )
  })
})
