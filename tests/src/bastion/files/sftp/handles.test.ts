import assert from 'node:assert/strict'
import type { JudgeFile } from '@sallyport/bastion/files/sftp'
import { everything } from '../support/judge.ts'
import {
  attributes,
  close,
  data,
  extended,
  handle,
  mode,
  name,
  onPath,
  openRead,
  openWrite,
  packet,
  read,
  rename,
  size,
  status,
  statusOf,
  str,
  u32,
  u64,
  version,
  write,
} from '../support/packets.ts'
import { rig } from '../support/rig.ts'

describe('sftp filter: handles', () => {
  const opened = (judge: JudgeFile, request = openWrite(1, '/a')) => {
    const made = rig(judge)
    made.agent(request)
    made.target(handle(1, 'h'))
    return made
  }

  it('pass only what they were opened for', () => {
    const reader = opened(everything, openRead(1, '/a'))
    assert.deepEqual(reader.agent(write(2, 'h', 0, 'x')).agent.map(statusOf), [
      '3 denied: the file was not opened for writing',
    ])
    assert.deepEqual(reader.agent(packet(12, u32(3), str('h'))).target, [])
    assert.equal(reader.agent(read(4, 'h', 0, 9)).target.length, 1)
    assert.equal(reader.agent(packet(8, u32(5), str('h'))).target.length, 1)
    assert.deepEqual(reader.agent(packet(10, u32(6), str('h'), size(0))).target, [])
    assert.deepEqual(reader.agent(extended(7, 'fsync@openssh.com', str('h'))).target, [])
    const writer = opened(everything)
    assert.deepEqual(writer.agent(read(2, 'h', 0, 9)).agent.map(statusOf), [
      '3 denied: the file was not opened for reading',
    ])
    assert.equal(writer.agent(write(3, 'h', 0, 'x')).target.length, 1)
    const folder = opened(everything, onPath(11, 1, '/a'))
    assert.deepEqual(folder.agent(read(2, 'h', 0, 9)).target, [])
    assert.deepEqual(folder.agent(write(3, 'h', 0, 'x')).target, [])
    assert.equal(folder.agent(packet(12, u32(4), str('h'))).target.length, 1)
  })

  it('that were not granted are refused, and so are closed ones', () => {
    const made = opened(everything)
    for (const [at, request] of [
      write(10, 'g', 0, 'x'),
      write(10, '', 0, 'x'),
      write(10, 'h\0', 0, 'x'),
      write(10, 'h'.repeat(300), 0, 'x'),
      read(10, 'g', 0, 1),
      close(10, 'g'),
      packet(8, u32(10), str('g')),
      packet(10, u32(10), str('g'), mode(0)),
      packet(12, u32(10), str('g')),
      extended(10, 'fsync@openssh.com', str('g')),
      extended(10, 'fstatvfs@openssh.com', str('g')),
      extended(10, 'copy-data', str('g'), u64(0), u64(1), str('h'), u64(0)),
      extended(10, 'copy-data', str('h'), u64(0), u64(1), str('g'), u64(0)),
    ].entries()) {
      const reached = made.agent(request)
      assert.deepEqual(reached.target, [], `request ${at}`)
      assert.match(statusOf(reached.agent[0] ?? assert.fail()), /^[458] /, `request ${at}`)
    }
    assert.equal(made.agent(close(11, 'h')).target.length, 1)
    assert.deepEqual(made.agent(write(12, 'h', 0, 'x')).target, [])
    assert.deepEqual(made.agent(close(13, 'h')).target, [])
  })

  it('keep only what their new path grants too, after a rename of a folder above', () => {
    const judge: JudgeFile = ({ op, path }) =>
      op === 'rename' || path.startsWith('/in/')
        ? { allowed: true, rule: 'r' }
        : { allowed: false, rule: 'no', message: 'not here' }
    const made = opened(judge, openWrite(1, '/in/d/a'))
    assert.equal(made.agent(write(2, 'h', 0, 'x')).target.length, 1)
    assert.equal(made.agent(rename(3, '/in/d', '/out/d')).target.length, 1)
    assert.deepEqual(made.agent(write(4, 'h', 1, 'x')).target, [])
    assert.deepEqual(made.agent(packet(10, u32(5), str('h'), mode(0o700))).target, [])
  })

  it('are narrowed while they are still being opened', () => {
    const judge: JudgeFile = ({ op, path }) =>
      op === 'rename' || path === '/in'
        ? { allowed: true, rule: 'r' }
        : { allowed: false, rule: 'no', message: '' }
    const made = rig(judge)
    made.agent(openWrite(1, '/in'), rename(2, '/in', '/out'))
    made.target(handle(1, 'h'))
    assert.deepEqual(made.agent(write(3, 'h', 0, 'x')).target, [])
  })

  it('lose everything rather than gather paths without end', () => {
    const made = opened(everything, openWrite(1, '/a/x'))
    for (let at = 0; at < 40; at += 1) made.agent(rename(10 + at, '/a', `/a/b${at}`))
    assert.deepEqual(made.agent(write(2, 'h', 0, 'x')).target, [])
  })

  it('are no more than the cap, and free again after closing', () => {
    const made = rig(everything, { limits: { handles: 2 } })
    made.agent(openRead(1, '/a'), openRead(2, '/b'))
    assert.deepEqual(made.agent(openRead(3, '/c'), onPath(11, 4, '/c')).target, [])
    const answers = made.target(status(1, 2), handle(2, 'b')).agent.map(statusOf)
    assert.deepEqual(answers.slice(2), ['4 too many files are open', '4 too many files are open'])
    assert.equal(made.agent(openRead(3, '/c')).target.length, 1)
    made.agent(close(4, 'b'))
    assert.equal(made.agent(openRead(5, '/c')).target.length, 1)
  })

  it('end everything when a target names two alike, or too long', () => {
    const made = opened(everything)
    made.agent(openRead(2, '/b'))
    assert.match(made.target(handle(2, 'h')).violation ?? '', /one handle/)
    const other = rig(everything)
    other.agent(openRead(1, '/a'))
    assert.match(other.target(handle(1, 'h'.repeat(257))).violation ?? '', /too long/)
  })
})

describe('sftp filter: requests and answers', () => {
  it('a number may not be used twice at once', () => {
    const made = rig(everything)
    made.agent(onPath(17, 1, '/a'))
    assert.match(made.agent(onPath(17, 1, '/b')).violation ?? '', /twice/)
    assert.deepEqual(made.agent(onPath(17, 2, '/b')).target, [])
  })

  it('a number is free again once it is answered', () => {
    const made = rig(everything)
    made.agent(onPath(17, 1, '/a'))
    made.target(attributes(1))
    assert.equal(made.agent(onPath(17, 1, '/b')).target.length, 1)
  })

  it('more requests than the cap are refused', () => {
    const made = rig(everything, { limits: { requests: 2 } })
    const reached = made.agent(onPath(17, 1, '/a'), onPath(17, 2, '/a'), onPath(17, 3, '/a'))
    assert.equal(reached.target.length, 2)
    const answers = made.target(attributes(1), attributes(2)).agent
    assert.match(statusOf(answers[2] ?? assert.fail()), /^4 too many requests/)
  })

  const lies: readonly (readonly [string, Buffer])[] = [
    ['what was not asked', status(9, 0)],
    ['with a handle', handle(1, 'h')],
    ['with content', data(1, 'x')],
    ['with names', name(1, '/a')],
    ['with an extended answer', packet(201, u32(1))],
    ['with a request', onPath(17, 1, '/a')],
    ['without a number', packet(101)],
    ['with a status that is cut short', packet(101, u32(1), Buffer.of(0))],
    ['with a version', version()],
  ]
  for (const [title, answer] of lies)
    it(`a target that answers ${title} ends it`, () => {
      const made = rig(everything)
      made.agent(onPath(17, 1, '/a'))
      const reached = made.target(answer)
      assert.notEqual(reached.violation, undefined)
      assert.deepEqual(reached.agent, [])
      assert.deepEqual(made.target(attributes(1)).agent, [])
    })

  it('more content than was asked for ends it', () => {
    const made = rig(everything)
    made.agent(openRead(1, '/a'))
    made.target(handle(1, 'h'))
    made.agent(read(2, 'h', 0, 3))
    assert.match(made.target(data(2, 'four')).violation ?? '', /more content/)
  })

  it('answers may come in any order', () => {
    const made = rig(everything)
    made.agent(onPath(17, 1, '/a'), onPath(16, 2, '/a'), onPath(13, 3, '/a'))
    const reached = made.target(status(3, 0), name(2, '/a'), attributes(1))
    assert.deepEqual(
      reached.agent.map(({ type, id }) => `${type} ${id}`),
      ['101 3', '104 2', '105 1'],
    )
  })

  it('a refusal never stands inside a packet of the target', () => {
    const judge: JudgeFile = ({ path }) =>
      path === '/a' ? { allowed: true, rule: 'r' } : { allowed: false, rule: 'no', message: '' }
    const made = rig(judge)
    made.agent(openRead(1, '/a'))
    made.target(handle(1, 'h'))
    made.agent(read(2, 'h', 0, 100))
    const answer = data(2, 'x'.repeat(100))
    const got: Buffer[] = []
    got.push(...made.filter.fromTarget(answer.subarray(0, 50)).toAgent)
    assert.deepEqual(made.filter.fromAgent(onPath(17, 3, '/b')).toAgent, [])
    got.push(...made.filter.fromTarget(answer.subarray(50)).toAgent)
    assert.deepEqual(Buffer.concat(got).subarray(0, answer.length), answer)
    assert.match(Buffer.concat(got).subarray(answer.length).toString('latin1'), /denied by rule no/)
  })

  it('no more than a mebibyte of refusals waits for the target', () => {
    const judge: JudgeFile = ({ op }) =>
      op === 'read'
        ? { allowed: true, rule: 'r' }
        : { allowed: false, rule: 'no', message: 'x'.repeat(200) }
    const made = rig(judge)
    made.agent(openRead(1, '/a'))
    made.target(handle(1, 'h'))
    made.agent(read(2, 'h', 0, 100))
    made.filter.fromTarget(data(2, 'x'.repeat(100)).subarray(0, 50))
    let violation: string | undefined
    for (let at = 0; at < 6000 && violation === undefined; at += 1)
      violation = made.filter.fromAgent(onPath(17, 3 + at, '/b')).violation
    assert.match(violation ?? '', /faster than/)
  })

  it('a refusal comes after the answers to all requests before it', () => {
    const judge: JudgeFile = ({ path }) =>
      path === '/a' ? { allowed: true, rule: 'r' } : { allowed: false, rule: 'no', message: '' }
    const made = rig(judge)
    const requests = ['/a', '/b', '/a', '/b'].map((path, at) => onPath(17, at + 1, path))
    assert.deepEqual(made.agent(...requests).agent, [])
    assert.deepEqual(
      made.target(attributes(3)).agent.map(({ id }) => id),
      [3],
    )
    assert.deepEqual(
      made.target(attributes(1)).agent.map(({ id }) => id),
      [1, 2, 4],
    )
  })

  it('a number may not be used again while its refusal waits', () => {
    const judge: JudgeFile = ({ path }) =>
      path === '/a' ? { allowed: true, rule: 'r' } : { allowed: false, rule: 'no', message: '' }
    const made = rig(judge)
    made.agent(onPath(17, 1, '/a'), onPath(17, 2, '/b'))
    assert.match(made.agent(onPath(17, 2, '/a')).violation ?? '', /twice/)
  })

  it('the limits of a target are cut to ours', () => {
    const made = rig(everything)
    made.agent(extended(1, 'limits@openssh.com'))
    const [answer] = made.target(
      packet(201, u32(1), u64(1n << 40n), u64(0), u64(1000), u64(5)),
    ).agent
    const limits = [0, 8, 16, 24].map((at) => Number(answer?.fields.readBigUInt64BE(at)))
    assert.deepEqual(limits, [262144, 261120, 1000, 5])
    made.agent(extended(2, 'limits@openssh.com'))
    assert.match(made.target(packet(201, u32(2), u64(1))).violation ?? '', /malformed/)
  })
})
