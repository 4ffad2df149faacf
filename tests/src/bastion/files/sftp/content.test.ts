import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { createSftpFilter, type JudgeFile } from '@sallyport/bastion/files/sftp'
import { everything } from '../support/judge.ts'
import {
  close,
  data,
  extended,
  handle,
  init,
  name,
  onPath,
  openRead,
  openWrite,
  packet,
  read,
  size,
  status,
  statusOf,
  str,
  u32,
  u64,
  version,
  write,
} from '../support/packets.ts'
import { extensions, rig } from '../support/rig.ts'

const capped: JudgeFile = () => ({ allowed: true, rule: 'small', maxBytes: 10 })

const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex')

describe('sftp filter: max_bytes', () => {
  const opened = () => {
    const made = rig(capped)
    made.agent(openWrite(1, '/a'))
    made.target(handle(1, 'h'))
    return made
  }
  const refusal = '4 denied by rule small: a file may hold at most 10 bytes'

  it('counts what is written, wherever it is written', () => {
    const made = opened()
    assert.equal(made.agent(write(2, 'h', 0, 'sixsix')).target.length, 1)
    made.target(status(2, 0))
    assert.deepEqual(made.agent(write(3, 'h', 0, 'fives')).agent.map(statusOf), [refusal])
    assert.equal(made.agent(write(4, 'h', 6, 'four')).target.length, 1)
    made.target(status(4, 0))
    assert.deepEqual(made.agent(write(5, 'h', 0, 'x')).agent.map(statusOf), [refusal])
  })

  it('looks at the end of what is written, also beyond 64 bits', () => {
    const made = opened()
    assert.deepEqual(made.agent(write(2, 'h', 10, 'x')).agent.map(statusOf), [refusal])
    const far = packet(6, u32(3), str('h'), u64(0xffffffffffffffffn), str('x'))
    assert.deepEqual(made.agent(far).agent.map(statusOf), [refusal])
    assert.equal(made.agent(write(4, 'h', 9, 'x')).target.length, 1)
  })

  it('bounds sizes that are set, and copies', () => {
    const made = opened()
    assert.deepEqual(made.agent(packet(9, u32(2), str('/a'), size(11))).agent.map(statusOf), [
      refusal,
    ])
    assert.deepEqual(made.agent(packet(10, u32(2), str('h'), size(11))).agent.map(statusOf), [
      refusal,
    ])
    assert.deepEqual(made.agent(openWrite(2, '/b', size(11))).agent.map(statusOf), [refusal])
    made.agent(openRead(3, '/b'))
    made.target(handle(3, 'g'))
    const copy = (length: number, at: number): readonly string[] =>
      made
        .agent(extended(4, 'copy-data', str('g'), u64(0), u64(length), str('h'), u64(at)))
        .agent.map(statusOf)
    assert.deepEqual(copy(0, 0), [refusal])
    assert.deepEqual(copy(10, 1), [refusal])
    assert.deepEqual(copy(10, 0), [])
  })

  it('refuses to append, since nobody knows to how much', () => {
    const made = rig(capped)
    const request = packet(3, u32(1), str('/a'), u32(2 | 4), u32(0))
    assert.match(statusOf(made.agent(request).agent[0] ?? assert.fail()), /^4 .*appended/)
  })
})

describe('sftp filter: what is kept of content', () => {
  it('a file that was written in order has its hash', () => {
    const made = rig(everything)
    made.agent(openWrite(1, '/a'))
    made.target(handle(1, 'h'))
    made.agent(write(2, 'h', 0, 'hello '), write(3, 'h', 6, 'world'))
    made.target(status(2, 0), status(3, 0))
    made.agent(close(4, 'h'))
    assert.equal(made.events.length, 1)
    made.target(status(4, 0))
    assert.deepEqual(made.events.at(-1), {
      kind: 'transferred',
      op: 'write',
      path: '/a',
      rule: 'everything',
      bytes: 11,
      sha256: sha256('hello world'),
    })
  })

  it('a file that was read in order has its hash', () => {
    const made = rig(everything)
    made.agent(openRead(1, '/a'))
    made.target(handle(1, 'h'))
    made.agent(read(2, 'h', 0, 6), read(3, 'h', 6, 100), read(4, 'h', 106, 100))
    made.target(data(2, 'hello '), data(3, 'world'), status(4, 1))
    made.agent(close(5, 'h'))
    made.target(status(5, 0))
    const last = made.events.at(-1)
    assert.ok(last?.kind === 'transferred')
    assert.equal(last.bytes, 11)
    assert.equal(last.sha256, sha256('hello world'))
  })

  const unsure: readonly (readonly [string, readonly Buffer[], readonly Buffer[]])[] = [
    ['out of order', [write(2, 'h', 1, 'x')], [status(2, 0)]],
    ['with a write that failed', [write(2, 'h', 0, 'x')], [status(2, 4)]],
    ['with a write that is not answered', [write(2, 'h', 0, 'x')], []],
    [
      'and cut off',
      [write(2, 'h', 0, 'x'), packet(10, u32(3), str('h'), size(0))],
      [status(2, 0), status(3, 0)],
    ],
  ]
  for (const [title, requests, answers] of unsure)
    it(`a file that was written ${title} has none`, () => {
      const made = rig(everything)
      made.agent(openWrite(1, '/a'))
      made.target(handle(1, 'h'))
      made.agent(...requests)
      made.target(...answers)
      made.agent(close(9, 'h'))
      made.target(status(9, 0))
      const last = made.events.at(-1)
      assert.ok(last?.kind === 'transferred')
      assert.equal(last.bytes, 1)
      assert.equal(last.sha256, undefined)
    })

  it('what is open at the end is reported as far as it came', () => {
    const made = rig(everything)
    made.agent(openWrite(1, '/a'), openRead(2, '/b'))
    made.target(handle(1, 'h'), handle(2, 'g'))
    made.agent(write(3, 'h', 0, 'x'), close(4, 'g'))
    made.filter.end()
    made.filter.end()
    assert.deepEqual(
      made.events.flatMap((event) =>
        event.kind === 'transferred' ? [`${event.path} ${event.bytes} ${event.sha256}`] : [],
      ),
      ['/a 1 undefined', '/b 0 undefined'],
    )
    assert.deepEqual(made.agent(onPath(17, 9, '/a')).target, [])
  })
})

describe('sftp filter: the stream', () => {
  const content = Buffer.from(Array.from({ length: 700 }, (_, at) => at % 251))
  const agentBytes = Buffer.concat([
    openWrite(1, '/a/../b'),
    write(2, 'h', 0, content),
    write(3, 'nobody', 0, content),
    write(4, 'h', 700, ''),
    onPath(17, 5, 'x'),
    packet(6, u32(6), str('h'.repeat(400)), u64(0), str('x')),
    packet(6, u32(7), str('h'), u64(0), u32(5), Buffer.from('four')),
    read(8, 'g', 0, 700),
  ])
  const targetBytes = Buffer.concat(
    [status(2, 0), data(8, content), status(4, 0), name(5, '/x')].slice(0, 3),
  )

  const through = (
    up: readonly Buffer[],
    down: readonly Buffer[],
  ): readonly [string, string, string | undefined] => {
    const filter = createSftpFilter({ judge: everything, onOperation: () => {} })
    const target: Buffer[] = []
    const agent: Buffer[] = []
    let violation: string | undefined
    const feed = (side: 'fromAgent' | 'fromTarget', pieces: readonly Buffer[]): void => {
      for (const piece of pieces) {
        const passage = filter[side](piece)
        target.push(...passage.toTarget.map((bytes) => Buffer.from(bytes)))
        agent.push(...passage.toAgent.map((bytes) => Buffer.from(bytes)))
        violation ??= passage.violation
      }
    }
    feed('fromAgent', [init])
    feed('fromTarget', [version(...extensions), name(0, '/home/deploy')])
    feed('fromAgent', [openRead(100, '/g'), openWrite(101, '/h')])
    feed('fromTarget', [handle(100, 'g'), handle(101, 'h')])
    feed('fromAgent', up)
    feed('fromTarget', down)
    return [Buffer.concat(target).toString('hex'), Buffer.concat(agent).toString('hex'), violation]
  }
  const whole = through([agentBytes], [targetBytes])

  const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
    const marks = [
      0,
      ...places.map((place) => place % bytes.length).sort((a, b) => a - b),
      bytes.length,
    ]
    // Each piece is a copy of its own, so that no view reaches into the next.
    return marks.slice(1).map((mark, at) => Buffer.from(bytes.subarray(marks[at], mark)))
  }

  it('is the same whole, byte by byte, and cut in two at each byte', () => {
    assert.equal(whole[2], undefined)
    const bytewise = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.of(byte))
    assert.deepEqual(through(bytewise(agentBytes), bytewise(targetBytes)), whole)
    for (let at = 1; at < agentBytes.length; at += 1)
      assert.deepEqual(through(cut(agentBytes, [at]), [targetBytes]), whole)
    for (let at = 1; at < targetBytes.length; at += 1)
      assert.deepEqual(through([agentBytes], cut(targetBytes, [at])), whole)
  })

  it('is the same cut anyhow', () => {
    const places = fc.array(fc.nat(3000), { maxLength: 40 })
    fc.assert(
      fc.property(places, places, (up, down) => {
        assert.deepEqual(through(cut(agentBytes, up), cut(targetBytes, down)), whole)
      }),
      { numRuns: 300 },
    )
  })

  for (const [title, bytes] of [
    ['no type', u32(0)],
    ['more than 256 KiB', u32((256 << 10) + 1)],
    ['4 GiB', u32(0xffffffff)],
  ] as const)
    it(`ends at a packet of ${title}, from either side`, () => {
      assert.notEqual(rig(everything).filter.fromAgent(bytes).violation, undefined)
      assert.notEqual(rig(everything).filter.fromTarget(bytes).violation, undefined)
    })

  it('takes the largest packet that OpenSSH takes', () => {
    const made = rig(everything)
    made.agent(openWrite(1, '/a'))
    made.target(handle(1, 'h'))
    const head = write(2, 'h', 0, '').length - 4
    const largest = write(2, 'h', 0, Buffer.alloc((256 << 10) - head, 1))
    assert.equal(largest.readUInt32BE(0), 256 << 10)
    const passage = made.filter.fromAgent(largest)
    assert.equal(passage.violation, undefined)
    assert.deepEqual(Buffer.concat(passage.toTarget), largest)
  })

  it('never copies the content of a write', () => {
    const made = rig(everything)
    made.agent(openWrite(1, '/a'))
    made.target(handle(1, 'h'))
    const bytes = write(2, 'h', 0, Buffer.alloc(100_000, 1))
    const passed = made.filter.fromAgent(bytes).toTarget.at(-1)
    assert.equal(passed?.buffer, bytes.buffer)
  })

  it('survives any bytes from either side', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 60 })), { maxLength: 20 }),
        (pieces) => {
          const made = rig(everything)
          for (const [agent, bytes] of pieces) {
            const body = Buffer.concat([u32(bytes.length), bytes])
            if (agent) made.filter.fromAgent(body)
            else made.filter.fromTarget(body)
          }
          made.filter.end()
        },
      ),
      { numRuns: 3000 },
    )
  })
})
