import assert from 'node:assert/strict'
import type { FileOperation } from '@sallyport/bastion/decide'
import type { JudgeFile } from '@sallyport/bastion/files/sftp'
import { everything } from '../support/judge.ts'
import {
  extended,
  mode,
  noAttributes,
  onPath,
  openRead,
  openWrite,
  packet,
  rename,
  size,
  statusOf,
  str,
  u32,
} from '../support/packets.ts'
import { rig } from '../support/rig.ts'

/** Returns a judge that allows all and keeps what it was asked, and what it was asked. */
function listening(): { readonly judge: JudgeFile; readonly asked: FileOperation[] } {
  const asked: FileOperation[] = []
  return {
    asked,
    judge: (operation) => {
      asked.push(operation)
      return { allowed: true, rule: 'r' }
    },
  }
}

const nothing: JudgeFile = () => ({ allowed: false, rule: 'no', message: 'not here' })

describe('sftp filter: what each request is judged as, and what is sent', () => {
  const cases: readonly (readonly [string, Buffer, readonly FileOperation[], Buffer])[] = [
    ['STAT', onPath(17, 7, '/a'), [{ op: 'stat', path: '/a' }], onPath(17, 7, '/a')],
    ['LSTAT', onPath(7, 7, '/a/../b/'), [{ op: 'stat', path: '/b' }], onPath(7, 7, '/b')],
    [
      'READLINK',
      onPath(19, 7, 'l'),
      [{ op: 'readlink', path: '/home/deploy/l' }],
      onPath(19, 7, '/home/deploy/l'),
    ],
    ['REMOVE', onPath(13, 7, '//a//./b'), [{ op: 'remove', path: '/a/b' }], onPath(13, 7, '/a/b')],
    ['RMDIR', onPath(15, 7, '/../../a'), [{ op: 'rmdir', path: '/a' }], onPath(15, 7, '/a')],
    [
      'OPENDIR',
      onPath(11, 7, ''),
      [{ op: 'list', path: '/home/deploy' }],
      onPath(11, 7, '/home/deploy'),
    ],
    ['REALPATH of .', onPath(16, 7, '.'), [], onPath(16, 7, '/home/deploy')],
    ['REALPATH', onPath(16, 7, '/a'), [{ op: 'stat', path: '/a' }], onPath(16, 7, '/a')],
    [
      'REALPATH of ./.',
      onPath(16, 7, './.'),
      [{ op: 'stat', path: '/home/deploy' }],
      onPath(16, 7, '/home/deploy'),
    ],
    [
      'MKDIR',
      packet(14, u32(7), str('/a'), mode(0o41777)),
      [{ op: 'mkdir', path: '/a', mode: 0o1777 }],
      packet(14, u32(7), str('/a'), mode(0o41777)),
    ],
    [
      'SETSTAT',
      packet(9, u32(7), str('/a'), mode(0o4755)),
      [{ op: 'setstat', path: '/a', mode: 0o4755 }],
      packet(9, u32(7), str('/a'), mode(0o4755)),
    ],
    [
      'SETSTAT of a size',
      packet(9, u32(7), str('/a'), size(0)),
      [
        { op: 'write', path: '/a' },
        { op: 'setstat', path: '/a' },
      ],
      packet(9, u32(7), str('/a'), size(0)),
    ],
    [
      'RENAME',
      rename(7, '/a', 'b'),
      [{ op: 'rename', path: '/a', to: '/home/deploy/b' }],
      rename(7, '/a', '/home/deploy/b'),
    ],
    [
      'SYMLINK',
      packet(20, u32(7), str('../x'), str('/a/b/l')),
      [{ op: 'symlink', path: '/a/b/l', to: '/a/x' }],
      packet(20, u32(7), str('/a/x'), str('/a/b/l')),
    ],
    ['OPEN to read', openRead(7, '/a'), [{ op: 'read', path: '/a' }], openRead(7, '/a')],
    [
      'OPEN to write',
      openWrite(7, '/a', mode(0o600)),
      [{ op: 'write', path: '/a', mode: 0o600 }],
      openWrite(7, '/a', mode(0o600)),
    ],
    [
      'OPEN to create without writing',
      packet(3, u32(7), str('/a'), u32(8), noAttributes),
      [
        { op: 'read', path: '/a' },
        { op: 'write', path: '/a' },
      ],
      packet(3, u32(7), str('/a'), u32(8), noAttributes),
    ],
    [
      'OPEN to read and cut off',
      packet(3, u32(7), str('/a'), u32(1 | 16), noAttributes),
      [
        { op: 'read', path: '/a' },
        { op: 'write', path: '/a' },
      ],
      packet(3, u32(7), str('/a'), u32(1 | 16), noAttributes),
    ],
    [
      'OPEN for nothing',
      packet(3, u32(7), str('/a'), u32(0), noAttributes),
      [{ op: 'read', path: '/a' }],
      packet(3, u32(7), str('/a'), u32(0), noAttributes),
    ],
    [
      'posix-rename',
      extended(7, 'posix-rename@openssh.com', str('/a'), str('/b')),
      [{ op: 'rename', path: '/a', to: '/b' }],
      extended(7, 'posix-rename@openssh.com', str('/a'), str('/b')),
    ],
    [
      'hardlink',
      extended(7, 'hardlink@openssh.com', str('/old'), str('new')),
      [{ op: 'hardlink', path: '/home/deploy/new', to: '/old' }],
      extended(7, 'hardlink@openssh.com', str('/old'), str('/home/deploy/new')),
    ],
    [
      'lsetstat',
      extended(7, 'lsetstat@openssh.com', str('a'), mode(0o600)),
      [{ op: 'setstat', path: '/home/deploy/a', mode: 0o600 }],
      extended(7, 'lsetstat@openssh.com', str('/home/deploy/a'), mode(0o600)),
    ],
    [
      'statvfs',
      extended(7, 'statvfs@openssh.com', str('/a/..')),
      [{ op: 'stat', path: '/' }],
      extended(7, 'statvfs@openssh.com', str('/')),
    ],
    ['limits', extended(7, 'limits@openssh.com'), [], extended(7, 'limits@openssh.com')],
    [
      'users-groups-by-id',
      extended(7, 'users-groups-by-id@openssh.com', str(u32(0)), str('')),
      [],
      extended(7, 'users-groups-by-id@openssh.com', str(u32(0)), str('')),
    ],
  ]
  for (const [title, request, wanted, sent] of cases) {
    it(title, () => {
      const { judge, asked } = listening()
      const made = rig(judge)
      const passage = made.filter.fromAgent(request)
      assert.deepEqual(asked, wanted)
      assert.deepEqual(Buffer.concat(passage.toTarget), sent)
      assert.deepEqual(passage.toAgent, [])
      assert.equal(passage.violation, undefined)
    })

    if (wanted.length > 0)
      it(`${title}, refused`, () => {
        const made = rig(nothing)
        const reached = made.agent(request)
        assert.deepEqual(reached.target, [])
        assert.deepEqual(reached.agent.map(statusOf), ['3 denied by rule no: not here'])
        assert.deepEqual(
          reached.agent.map(({ id }) => id),
          [7],
        )
      })

    it(`${title}, cut short anywhere or with a byte too many, never passes`, () => {
      const body = request.subarray(4)
      for (let length = 5; length <= body.length + 1; length += 1) {
        if (length === body.length) continue
        const cut = Buffer.concat([
          u32(length),
          body.subarray(0, length),
          Buffer.alloc(Math.max(0, length - body.length)),
        ])
        const reached = rig(everything).agent(cut)
        assert.deepEqual(reached.target, [], `at ${length}`)
        assert.match(statusOf(reached.agent[0] ?? assert.fail()), /^[58] /)
      }
    })
  }

  it('every other type and extension is unknown', () => {
    const known = new Set([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 200])
    for (let type = 0; type < 256; type += 1) {
      if (known.has(type)) continue
      const reached = rig(everything).agent(onPath(type, 7, '/a'))
      assert.deepEqual(reached.target, [], `type ${type}`)
      assert.deepEqual(reached.agent.map(statusOf), ['8 unknown request'])
    }
    for (const other of ['expand-path@openssh.com', 'home-directory', 'x', '', 'toString'])
      assert.deepEqual(
        rig(everything)
          .agent(extended(7, other, str('/a')))
          .agent.map(statusOf),
        ['8 unknown extension'],
      )
  })

  it('unknown flags and attributes do not pass', () => {
    for (const request of [
      packet(3, u32(7), str('/a'), u32(64), noAttributes),
      packet(3, u32(7), str('/a'), u32(1), Buffer.concat([u32(0x80000000), u32(0)])),
      packet(9, u32(7), str('/a'), Buffer.concat([u32(16), u32(0)])),
    ])
      assert.match(statusOf(rig(everything).agent(request).agent[0] ?? assert.fail()), /^8 /)
  })

  it('paths that hide something are refused', () => {
    for (const path of [
      '/a\0b',
      '/a\nb',
      '/a\u001b[2J',
      '/a\u0085',
      '/a\u2028',
      `/${'a/'.repeat(3000)}`,
      Buffer.from([0x2f, 0xff]),
      Buffer.from([0x2f, 0xc0, 0xaf]),
      Buffer.from([0x2f, 0xed, 0xa0, 0x80]),
    ]) {
      const { judge, asked } = listening()
      const reached = rig(judge).agent(onPath(17, 7, path))
      assert.deepEqual(reached.target, [])
      assert.deepEqual(asked, [])
      assert.match(statusOf(reached.agent[0] ?? assert.fail()), /^3 denied: a path /)
    }
  })

  it('a relative path may not grow too long', () => {
    const reached = rig(everything).agent(onPath(17, 7, 'a'.repeat(4090)))
    assert.deepEqual(reached.agent.map(statusOf), ['3 denied: a path is longer than 4096 bytes'])
  })
})
