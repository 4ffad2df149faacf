import assert from 'node:assert/strict'
import { castOf, outlineOf, type Line } from './casts.ts'

describe('outline of a channel', () => {
  it('tells of idle stretches, output and length', async () => {
    const outline = await outlineOf(
      castOf([
        [0.5, 'o', 'abc'],
        [10, 's', '2'],
        [0, 'o', 'de'],
        [1, 'm', 'note'],
        [0.5, 'o', 'f'],
      ]),
    )
    assert.equal(outline.duration, 12)
    assert.equal(outline.events, 3)
    assert.deepEqual(outline.gaps, [[0.5, 10]])
    const { step, stdout, stderr } = outline.activity
    assert.equal(step, 0.05)
    assert.equal(stdout[10], 3)
    assert.equal(stderr[210], 2)
    assert.equal(
      stdout.reduce((sum, count) => sum + count, 0),
      3,
    )
    assert.deepEqual(outline.markers, [{ time: 11.5, label: 'note', kind: 'marker' }])
    assert.deepEqual(outline.problems, [])
  })

  it('stays small for a recording of any length', async () => {
    const lines = Array.from({ length: 3000 }, (): Line => [60, 'o', 'x'])
    const { activity, duration } = await outlineOf(castOf(lines))
    assert.equal(duration, 180_000)
    assert.ok(activity.stdout.length <= 400)
    assert.equal(
      activity.stdout.reduce((sum, count) => sum + count, 0),
      3000,
    )
  })

  it('keeps what was noted with a marker', async () => {
    const note = { note: { ticket: 't-1', by: 'ann' } }
    const { markers } = await outlineOf(
      castOf([
        [1, 'n', JSON.stringify(note)],
        [0, 'm', 'approved'],
        [0, 'm', 'later'],
      ]),
    )
    assert.deepEqual(markers, [
      { time: 1, label: 'approved', kind: 'marker', detail: note.note },
      { time: 1, label: 'later', kind: 'marker' },
    ])
  })

  it('lists each file operation with its content, and the refused ones', async () => {
    const file = (detail: object): string => JSON.stringify({ note: { file: detail } })
    const read = { op: 'read', path: '/a' }
    const { files } = await outlineOf(
      castOf([
        [1, 'n', file({ kind: 'judged', operation: read, allowed: true, rule: 'r' })],
        [
          0,
          'n',
          file({
            kind: 'judged',
            operation: { op: 'rename', path: '/b', to: '/etc/c' },
            allowed: false,
            rule: 'no',
            message: 'Never.',
          }),
        ],
        [1, 'n', file({ kind: 'transferred', ...read, rule: 'r', bytes: 7, sha256: 'ab' })],
        [0, 'n', '{"note":{"file":"hostile"}}'],
        [0, 'n', '{"note":{"file":{"kind":"judged","operation":{"op":1,"path":[]}}}}'],
      ]),
    )
    const sftp = { via: 'sftp', time: 1 } as const
    assert.deepEqual(files, [
      { ...sftp, ...read, allowed: true, rule: 'r', bytes: 7, sha256: 'ab' },
      {
        ...sftp,
        op: 'rename',
        path: '/b',
        to: '/etc/c',
        allowed: false,
        rule: 'no',
        message: 'Never.',
      },
    ])
  })

  const transfers: readonly [argv: string[], effect: string, expected: unknown][] = [
    [['scp', '-q', '-t', '/tmp/x'], 'allow', ['scp', 'write', '/tmp/x', 5, 'in']],
    [['/usr/bin/scp', '-f', '/tmp/x'], 'allow', ['scp', 'read', '/tmp/x', 9, 'out']],
    [
      ['rsync', '--server', '--sender', '-e.L', '.', '/srv/'],
      'allow',
      ['rsync', 'read', '/srv/', 9, 'out'],
    ],
    [
      ['rsync', '--server', '-e.L', '.', '/srv/'],
      'deny',
      ['rsync', 'write', '/srv/', undefined, undefined],
    ],
    [['git-upload-pack', 'a.git'], 'allow', ['git', 'fetch', 'a.git', 9, 'out']],
    [['git', 'receive-pack', 'a.git'], 'allow', ['git', 'push', 'a.git', 5, 'in']],
  ]
  for (const [argv, effect, expected] of transfers) {
    it(`takes ${argv.join(' ')} for a transfer`, async () => {
      const stream = (bytes: number, sha256: string): object => ({ bytes, omitted: 0, sha256 })
      const totals = { input: stream(5, 'in'), stdout: stream(9, 'out'), stderr: stream(0, 'e') }
      const { files } = await outlineOf(
        castOf([
          [0, 'c', JSON.stringify({ text: argv.join(' '), effect, rule: 'r', argv: [argv] })],
          [1, 'n', JSON.stringify({ kind: 'end', totals })],
        ]),
      )
      const rows = files.map(({ via, op, path, bytes, sha256 }) => [via, op, path, bytes, sha256])
      assert.deepEqual(rows, [expected])
      assert.equal(files[0]?.allowed, effect === 'allow')
    })
  }

  it('takes no other command for a transfer', async () => {
    for (const argv of [[['ls', '-t', '/x']], [['rsync', 'a', 'b']], [['scp'], ['ls']], 'x', []]) {
      const decision = { text: 'x', effect: 'allow', rule: 'r', argv }
      const { files } = await outlineOf(castOf([[0, 'c', JSON.stringify(decision)]]))
      assert.deepEqual(files, [])
    }
  })

  it('says what is wrong with a recording', async () => {
    const lines: Line[] = [
      [0, 'n', '{"kind":"term","cols":1000000,"rows":24}'],
      [0, 'o', `\u001b]0;${'x'.repeat(70_000)}`],
    ]
    for (let at = 0; at < 100; at += 1) lines.push([0.001, 'r', `${80 + (at % 2)}x24`])
    const cast = Buffer.concat([castOf(lines), Buffer.from('garbage\n[1,"o","to')])
    const { problems } = await outlineOf(cast)
    assert.equal(problems.length, 5)
    assert.match(problems.join('\n'), /1000000 by 24/)
    assert.match(problems.join('\n'), /10 bytes of an unfinished line/)
    assert.match(problems.join('\n'), /98 of the changes are not shown/)
    assert.match(problems.join('\n'), /1 of its lines cannot be read/)
    assert.match(problems.join('\n'), /control string without an end/)
    const unreadable = await outlineOf(Buffer.from('{"version":3,"term":{"cols":1e6,"rows":1}}\n'))
    assert.match(unreadable.problems.join('\n'), /header of this recording cannot be read/)
  })
})
