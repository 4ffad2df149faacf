import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../support/run.ts'

const program = join(import.meta.dirname, '..', 'support', 'filter-program.ts')

describe('sftp filter behind the stock client', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-client-'))
    await mkdir(join(folder, 'srv', 'releases'), { recursive: true })
    await mkdir(join(folder, 'local', 'tree', 'below'), { recursive: true })
    await writeFile(join(folder, 'srv', 'secret'), 'secret')
    await writeFile(join(folder, 'local', 'app'), Buffer.alloc(700_000, 'content'))
    await writeFile(join(folder, 'local', 'big'), Buffer.alloc(1_500_000, 1))
    for (const name of ['one', 'below/two'])
      await writeFile(join(folder, 'local', 'tree', name), name)
    await writeFile(
      join(folder, 'policy.yaml'),
      `version: 1
rules:
  - id: releases
    effect: allow
    files:
      ops: [read, write, stat, list, mkdir, rename, remove, rmdir, setstat]
      paths: ['${folder}/srv/releases', '${folder}/srv/releases/**']
      max_bytes: 1MiB
      deny_modes: [setuid]
  - id: keep-current
    effect: deny
    message: The current release is not touched.
    files: { ops: [write, remove, rename], paths: ['${folder}/srv/releases/current/**'] }
`,
    )
  })
  after(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  const sftp = async (
    ...lines: readonly string[]
  ): Promise<{ status: number; stderr: string; events: readonly Record<string, unknown>[] }> => {
    const events = join(folder, 'events')
    await writeFile(events, '')
    const server = `${process.execPath} --conditions=source ${program} ${folder}/policy.yaml ${events} /usr/lib/openssh/sftp-server`
    const finished = await run('sftp', ['-q', '-b', '-', '-D', server], {
      cwd: join(folder, 'local'),
      input: `${lines.join('\n')}\n`,
      timeout: 60_000,
    })
    const kept = (await readFile(events, 'utf8')).split('\n').filter((line) => line !== '')
    return {
      status: finished.status,
      stderr: finished.stderr,
      events: kept.map((line) => JSON.parse(line) as Record<string, unknown>),
    }
  }

  it('puts, lists, gets, renames and removes what its rule allows', async () => {
    const { status, stderr, events } = await sftp(
      `cd ${folder}/srv/releases`,
      'mkdir 42',
      'put app 42/part',
      'rename 42/part 42/app',
      'ls -l 42',
      'get 42/app back',
      'chmod 640 42/app',
      'rm 42/app',
      'rmdir 42',
      'put -p app last',
      'put -R tree',
    )
    assert.equal(stderr, '')
    assert.equal(status, 0)
    const local = join(folder, 'local')
    assert.deepEqual(await readFile(join(local, 'back')), await readFile(join(local, 'app')))
    const releases = join(folder, 'srv', 'releases')
    assert.deepEqual((await readdir(releases, { recursive: true })).toSorted(), [
      'last',
      'tree',
      'tree/below',
      'tree/below/two',
      'tree/one',
    ])
    const moved = events.filter(({ kind, bytes }) => kind === 'transferred' && bytes === 700_000)
    assert.deepEqual(
      moved.map(({ op }) => op),
      ['write', 'read', 'write'],
    )
    assert.equal(new Set(moved.map(({ sha256 }) => sha256)).size, 1)
    assert.match(String(moved[0]?.['sha256']), /^[0-9a-f]{64}$/)
  })

  it('is refused the rest, and goes on', async () => {
    const { stderr, events } = await sftp(
      `-put app ${folder}/srv/releases/../above`,
      `-get ${folder}/srv/secret stolen`,
      `-ls ${folder}/srv`,
      `-ln -s ${folder}/srv/secret ${folder}/srv/releases/link`,
      `-put app ${folder}/srv/releases/.bashrc`,
      `-put app ${folder}/srv/releases/current/app`,
      `-rename ${folder}/srv/releases/tree ${folder}/srv/tree`,
      `-chmod 4755 ${folder}/srv/releases/last`,
      `-put big ${folder}/srv/releases/big`,
      `put app ${folder}/srv/releases/after`,
    )
    for (const words of [
      /dest open ".*above": Permission denied/,
      /"\/.*\/srv\/secret" not found/,
      /remote symlink file .*: Permission denied/,
      /dest open ".*\.bashrc": Permission denied/,
      /dest open ".*current\/app": Permission denied/,
      /rename ".*tree": Permission denied/,
      /remote setstat .*: Permission denied/,
      /write remote ".*big": Failure/,
    ])
      assert.match(stderr, words)
    assert.deepEqual((await readdir(join(folder, 'srv'))).toSorted(), ['releases', 'secret'])
    const releases = join(folder, 'srv', 'releases')
    assert.equal((await stat(join(releases, 'after'))).size, 700_000)
    assert.ok((await stat(join(releases, 'big'))).size <= 1 << 20)
    assert.equal((await stat(join(releases, 'last'))).mode & 0o4000, 0)
    assert.ok(
      events.some(
        ({ rule, message }) =>
          rule === 'keep-current' && message === 'The current release is not touched.',
      ),
    )
  })
})
