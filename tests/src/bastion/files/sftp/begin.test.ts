import assert from 'node:assert/strict'
import { everything } from '../support/judge.ts'
import {
  extended,
  name,
  onPath,
  packet,
  status,
  statusOf,
  str,
  u32,
  version,
} from '../support/packets.ts'
import { rig } from '../support/rig.ts'

describe('sftp filter: the beginning', () => {
  it('offers version 3 alone, and the extensions that are judged', () => {
    const made = rig(everything, { begun: false })
    assert.deepEqual(made.filter.fromAgent(packet(1, u32(6), str('x'), str('y'))).toTarget, [
      packet(1, u32(3)),
    ])
    const asks = made.filter.fromTarget(
      version(
        ['posix-rename@openssh.com', '1'],
        ['statvfs@openssh.com', '9'],
        ['expand-path@openssh.com', '1'],
        ['evil', '1'],
      ),
    )
    assert.deepEqual(asks.toTarget, [onPath(16, 0, '.')])
    assert.deepEqual(asks.toAgent, [])
    const begun = made.filter.fromTarget(name(0, '/home/deploy'))
    assert.deepEqual(begun.toAgent, [version(['posix-rename@openssh.com', '1'])])
    assert.deepEqual(made.agent(extended(1, 'statvfs@openssh.com', str('/'))).target, [])
  })

  it('refuses relative paths where the target names no folder', () => {
    for (const answer of [
      status(0, 4),
      name(0, 'home'),
      name(0, '/a\nb'),
      packet(104, u32(0), u32(0)),
    ]) {
      const made = rig(everything, { begun: false })
      made.agent(packet(1, u32(3)))
      made.target(version())
      assert.equal(made.target(answer).violation, undefined)
      assert.match(
        statusOf(made.agent(onPath(17, 1, 'x')).agent[0] ?? assert.fail()),
        /^3 .*not absolute/,
      )
      assert.equal(made.agent(onPath(17, 2, '/x')).target.length, 1)
    }
  })

  const violations: readonly (readonly [string, readonly Buffer[], readonly Buffer[]])[] = [
    ['an agent that begins with something else', [onPath(17, 1, '/a')], []],
    ['an agent of version 2', [packet(1, u32(2))], []],
    ['an agent that does not wait', [packet(1, u32(3)), onPath(17, 1, '/a')], []],
    ['an agent that begins twice', [packet(1, u32(3)), packet(1, u32(3))], []],
    ['a target of version 4', [packet(1, u32(3))], [packet(2, u32(4))]],
    ['a target that says something else', [packet(1, u32(3))], [status(0, 0)]],
    ['a target that speaks first', [], [version()]],
    ['a target that is cut short', [packet(1, u32(3))], [packet(2, u32(3), u32(9))]],
  ]
  for (const [title, fromAgent, fromTarget] of violations)
    it(`ends with ${title}`, () => {
      const made = rig(everything, { begun: false })
      let violation: string | undefined
      for (const one of fromAgent) violation ??= made.agent(one).violation
      for (const one of fromTarget) violation ??= made.target(one).violation
      assert.notEqual(violation, undefined)
    })
})
