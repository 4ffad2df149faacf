import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { createSftpFilter, type FileEvent } from '@sallyport/bastion/files/sftp'
import { judgeOf } from '../support/judge.ts'
import {
  close,
  extended,
  init,
  mode,
  onPath,
  openRead,
  openWrite,
  packet,
  read,
  rename,
  size,
  str,
  u32,
  u64,
  write,
} from '../support/packets.ts'

const server = '/usr/lib/openssh/sftp-server'
const runs = 60
const perRun = 400

type Make = (id: number, base: string) => Buffer

// Names inside and outside the allowed tree, plain and in disguise; `B` stands for the folder of the run.
const paths = fc.constantFrom(
  'B/in/a',
  'B/in/b',
  'B/in/d',
  'B/in/d/e',
  'B/in',
  'B/in/../out/a',
  'B/in/d/../../out/a',
  'B/out/a',
  'B/out/b',
  'B/out',
  'B',
  'B/in//.//a',
  'B/in/.hidden',
  'B/inside',
  'in/a',
  '../out/a',
  'B/in/a/',
  '.',
  'B/in/../in/b',
  'B/in/..',
  'B/out/../in/c',
  '',
  'B/in/\n',
  'B/in/link',
  'B/in/.ssh/authorized_keys',
)
const handles = fc.constantFrom(0, 1, 2, 3, 4, 9).map((at) => u32(at))
const at = (path: string, base: string): string => path.replace('B', base)

const request: fc.Arbitrary<Make> = fc.oneof(
  paths.map(
    (path): Make =>
      (id, base) =>
        openRead(id, at(path, base)),
  ),
  fc.tuple(paths, fc.constantFrom(0o644, 0o4755, 0o666)).map(
    ([path, bits]): Make =>
      (id, base) =>
        openWrite(id, at(path, base), mode(bits)),
  ),
  fc.tuple(paths, fc.nat(63)).map(
    ([path, flags]): Make =>
      (id, base) =>
        packet(3, u32(id), str(at(path, base)), u32(flags), u32(0)),
  ),
  fc.tuple(handles, fc.nat(300)).map(
    ([handle, offset]): Make =>
      (id) =>
        write(id, handle, offset, 'written by the agent'),
  ),
  handles.map(
    (handle): Make =>
      (id) =>
        read(id, handle, 0, 100),
  ),
  handles.map(
    (handle): Make =>
      (id) =>
        close(id, handle),
  ),
  fc.tuple(fc.constantFrom(7, 11, 13, 15, 16, 17, 19), paths).map(
    ([type, path]): Make =>
      (id, base) =>
        onPath(type, id, at(path, base)),
  ),
  fc.tuple(fc.constantFrom(8, 12), handles).map(
    ([type, handle]): Make =>
      (id) =>
        packet(type, u32(id), str(handle)),
  ),
  paths.map(
    (path): Make =>
      (id, base) =>
        packet(14, u32(id), str(at(path, base)), mode(0o755)),
  ),
  fc.tuple(paths, fc.constantFrom(mode(0o600), mode(0o4777), size(3))).map(
    ([path, attributes]): Make =>
      (id, base) =>
        packet(9, u32(id), str(at(path, base)), attributes),
  ),
  fc.tuple(handles, fc.constantFrom(mode(0o600), mode(0o6777), size(3))).map(
    ([handle, attributes]): Make =>
      (id) =>
        packet(10, u32(id), str(handle), attributes),
  ),
  fc.tuple(paths, paths).map(
    ([from, to]): Make =>
      (id, base) =>
        rename(id, at(from, base), at(to, base)),
  ),
  fc.tuple(paths, paths).map(
    ([to, link]): Make =>
      (id, base) =>
        packet(20, u32(id), str(at(to, base)), str(at(link, base))),
  ),
  fc.tuple(fc.constantFrom('posix-rename@openssh.com', 'hardlink@openssh.com'), paths, paths).map(
    ([name, from, to]): Make =>
      (id, base) =>
        extended(id, name, str(at(from, base)), str(at(to, base))),
  ),
  fc.tuple(handles, handles).map(
    ([from, into]): Make =>
      (id) =>
        extended(id, 'copy-data', str(from), u64(0), u64(0), str(into), u64(0)),
  ),
  paths.map(
    (path): Make =>
      (id, base) =>
        extended(id, 'lsetstat@openssh.com', str(at(path, base)), mode(0o4711)),
  ),
  fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 40 })).map(
    ([type, bytes]): Make =>
      (id) =>
        packet(type, u32(id), bytes),
  ),
)

/** Returns what a tree holds: names, modes and content. */
async function pictureOf(folder: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const { mode: bits, size: length } = await lstat(path)
    const content = entry.isFile() ? await readFile(path, 'latin1') : ''
    lines.push(
      `${path.slice(folder.length)} ${bits.toString(8)} ${entry.isFile() ? length : ''} ${content}`,
    )
  }
  return lines.toSorted()
}

interface Played {
  readonly packets: number
  readonly answers: number
  readonly passed: number
  readonly events: readonly FileEvent[]
}

/** Plays requests through a filter to a real server, and waits for all answers. */
async function play(base: string, makes: readonly Make[]): Promise<Played> {
  const events: FileEvent[] = []
  const filter = createSftpFilter({
    judge: judgeOf(
      `{id: inside, effect: allow, files: {ops: [read, write, stat, list, readlink, mkdir, rmdir, remove, rename, setstat, symlink, hardlink], paths: ['${base}/in', '${base}/in/**'], max_bytes: 250, deny_modes: [setuid, setgid]}}`,
      `{id: never-b, effect: deny, files: {paths: ['${base}/in/b']}}`,
    ),
    onOperation: (event) => events.push(event),
  })
  const target = spawn(server, [], { cwd: base, stdio: ['pipe', 'pipe', 'inherit'] })
  let passed = 0
  let answered: Buffer = Buffer.alloc(0)
  let wanted = 1
  let answers = 0
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const pass = ({ toTarget, toAgent, violation }: ReturnType<typeof filter.fromAgent>): void => {
    if (violation !== undefined) return reject(new Error(violation))
    passed += toTarget.length
    for (const bytes of toTarget) target.stdin.write(bytes)
    answered = Buffer.concat([answered, ...toAgent])
    while (answered.length >= 4 && answered.length >= 4 + answered.readUInt32BE(0)) {
      answered = answered.subarray(4 + answered.readUInt32BE(0))
      answers += 1
      if (answers === 1) begin()
    }
    if (answers === wanted) resolve()
  }
  const begin = (): void => {
    wanted = 1 + makes.length
    for (const [index, make] of makes.entries()) pass(filter.fromAgent(make(index + 1, base)))
  }
  target.stdout.on('data', (bytes: Buffer) => pass(filter.fromTarget(bytes)))
  pass(filter.fromAgent(init))
  const ended = once(target, 'close').then(() => reject(new Error('the server ended')))
  await promise
  target.stdin.end()
  await ended
  filter.end()
  return { packets: makes.length, answers: answers - 1, passed, events }
}

describe('sftp filter before a real server', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-sftp-'))
  })
  after(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('no sequence of requests changes a file outside the tree of its rule', async () => {
    const sequences = fc.sample(fc.array(request, { minLength: perRun, maxLength: perRun }), {
      numRuns: runs,
    })
    let packets = 0
    let passed = 0
    let changed = 0
    for (const [index, makes] of sequences.entries()) {
      const base = join(folder, `run-${index}`)
      for (const tree of ['in', 'out', 'inside']) {
        await mkdir(join(base, tree, 'd'), { recursive: true })
        for (const file of ['a', 'b']) await writeFile(join(base, tree, file), `${tree}/${file}`)
      }
      await cp(base, `${base}.before`, { recursive: true })
      const played = await play(base, makes)
      assert.equal(played.answers, makes.length)
      packets += played.packets
      passed += played.passed
      for (const tree of ['out', 'inside'])
        assert.deepEqual(
          await pictureOf(join(base, tree)),
          await pictureOf(join(`${base}.before`, tree)),
        )
      assert.deepEqual((await readdir(base)).toSorted(), ['in', 'inside', 'out'])
      // A deny rule holds inside the tree as well, and so do the limits of the allow rule.
      assert.equal(await readFile(join(base, 'in', 'b'), 'utf8'), 'in/b')
      for (const line of await pictureOf(join(base, 'in'))) {
        assert.doesNotMatch(line, /^\S+ 10[2-7]/, 'a mode that the rule denies')
        const [, , length = ''] = line.split(' ')
        assert.ok(Number(length) <= 250, line)
      }
      if (
        (await pictureOf(join(base, 'in'))).join() !==
        (await pictureOf(join(`${base}.before`, 'in'))).join()
      )
        changed += 1
      await rm(base, { recursive: true, force: true })
    }
    assert.ok(packets >= 20_000, `${packets} packets`)
    assert.ok(passed > packets / 20, `${passed} passed`)
    assert.ok(changed > runs / 2, `${changed} trees changed`)
  })

  it('a symbolic link that was there before leads out: the limit that is named', async () => {
    const base = join(folder, 'links')
    await mkdir(join(base, 'in'), { recursive: true })
    await writeFile(join(base, 'secret'), 'secret')
    await symlink(join(base, 'secret'), join(base, 'in', 'there'))
    const played = await play(base, [
      (id) => openRead(id, join(base, 'in', 'there')),
      (id) => packet(20, u32(id), str(join(base, 'secret')), str(join(base, 'in', 'new'))),
      (id) => packet(20, u32(id), str('../secret'), str(join(base, 'in', 'newer'))),
    ])
    const judged = played.events.flatMap((event) =>
      event.kind === 'judged' ? [event.allowed] : [],
    )
    assert.deepEqual(judged, [true, false, false])
    assert.deepEqual(await readdir(join(base, 'in')), ['there'])
  })
})
