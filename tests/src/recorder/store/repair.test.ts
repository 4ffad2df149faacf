import assert from 'node:assert/strict'
import {
  appendFile,
  cp,
  mkdir,
  readdir,
  readFile,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { decodeCast } from '@sallyport/recorder/asciicast'
import { repairRecordings } from '@sallyport/recorder/store'
import { withFolder } from '../support/folders.ts'
import { openChannel, openConnection, openStore, START, texts } from '../support/recordings.ts'

const now = (): Date => START

describe('repairRecordings', () => {
  it('leaves recordings alone that have a proper end', async () => {
    await withFolder(async (root) => {
      const folder = await record(root)
      const before = await contents(folder)
      const report = await repairRecordings({ root, now })
      assert.deepEqual(report, { inspected: 1, interrupted: [], failed: [] })
      assert.deepEqual(await contents(folder), before)
    })
  })

  it('has nothing to do where nothing was recorded', async () => {
    await withFolder(async (root) => {
      const report = await repairRecordings({ root, now })
      assert.deepEqual(report, { inspected: 0, interrupted: [], failed: [] })
    })
  })

  it('repairs a file that was cut at any byte, keeps the torn bytes, and repairs but once', async () => {
    await withFolder(async (root) => {
      const folder = await record(root)
      const whole = await contents(folder)
      const cast = Buffer.from(whole['0.cast'] ?? '', 'latin1')
      await truncate(join(folder, 'events.ndjson'), 50)
      const cut = await contents(folder)
      const copy = join(root, 'copy')
      const day = join(copy, 'recordings/2026/03/05')
      await mkdir(day, { recursive: true })
      const folderCutAt = (length: number): string => join(day, `cut-at-${1000 + length}`)
      for (let length = 0; length < cast.length; length += 1) {
        await cp(folder, folderCutAt(length), { recursive: true })
        await truncate(join(folderCutAt(length), '0.cast'), length)
      }
      const report = await repairRecordings({ root: copy, now })
      assert.equal(report.interrupted.length, cast.length)
      for (let length = 0; length < cast.length; length += 1) {
        const part = cast.subarray(0, length)
        const kept = part.lastIndexOf(0x0a) + 1
        const found = report.interrupted.find((one) => one.folder === folderCutAt(length))
        const torn = found?.torn.find(({ file }) => file === '0.cast')
        assert.equal(torn?.bytes ?? 0, length - kept)
        const after = await contents(folderCutAt(length))
        assert.equal(after['0.cast.torn'] ?? '', part.subarray(kept).toString('latin1'))
        assert.equal(after['events.ndjson.torn'], cut['events.ndjson'])
        assert.equal(after['0.cast']?.slice(0, kept), part.subarray(0, kept).toString('latin1'))
        if (kept > 0) {
          const { events } = decodeCast(after['0.cast'] ?? '', { strict: true })
          assert.equal(events.at(-1)?.text, '{"kind":"interrupted"}')
        } else {
          assert.equal(after['0.cast'], '')
        }
      }
      const last = await contents(folderCutAt(cast.length - 1))
      assert.deepEqual((await repairRecordings({ root: copy, now })).interrupted, [])
      assert.deepEqual(await contents(folderCutAt(cast.length - 1)), last)
    })
  })

  it('declares what was torn, in the cast and in the log', async () => {
    await withFolder(async (root) => {
      const folder = await record(root)
      await cutEnd(folder)
      await appendFile(join(folder, '0.cast'), '[0.5,"o","hal')
      const report = await repairRecordings({ root, now })
      assert.deepEqual(report.interrupted, [
        { id: 'recording-1', folder, torn: [{ file: '0.cast', bytes: 13 }] },
      ])
      const cast = decodeCast(await readFile(join(folder, '0.cast')), { strict: true })
      assert.deepEqual(texts(cast).slice(-2), [
        'g {"kind":"torn","bytes":13}',
        'n {"kind":"interrupted"}',
      ])
      const log = (await readFile(join(folder, 'events.ndjson'), 'utf8')).trimEnd().split('\n')
      assert.match(log.at(-2) ?? '', /"recording.torn","detail":{"file":"0.cast","bytes":13}}$/)
      assert.match(
        log.at(-1) ?? '',
        /^{"at":"2026-03-05T12:00:00.000Z","offset":0,"event":"recording.interrupted"/,
      )
    })
  })

  it('sets aside whole lines that a lost block turned into NULs', async () => {
    await withFolder(async (root) => {
      const folder = await record(root)
      await cutEnd(folder)
      const path = join(folder, '0.cast')
      const before = await readFile(path, 'latin1')
      const bad = `${'\0'.repeat(100_000)}\n[0,"o",\n\0\0`
      await appendFile(path, bad)
      await repairRecordings({ root, now })
      assert.equal(await readFile(`${path}.torn`, 'latin1'), bad)
      assert.ok((await readFile(path, 'latin1')).startsWith(before))
    })
  })

  it('does not write over what an earlier repair set aside', async () => {
    await withFolder(async (root) => {
      const folder = await record(root)
      await cutEnd(folder)
      await writeFile(join(folder, '0.cast.torn'), 'earlier')
      await appendFile(join(folder, '0.cast'), 'torn')
      await repairRecordings({ root, now })
      assert.equal(await readFile(join(folder, '0.cast.torn'), 'utf8'), 'earlier')
      assert.equal(await readFile(join(folder, '0.cast.torn.1'), 'utf8'), 'torn')
    })
  })

  it('repairs a folder in which there is nothing yet', async () => {
    await withFolder(async (root) => {
      const folder = join(root, 'recordings/2026/03/05/just-begun')
      await mkdir(folder, { recursive: true })
      const report = await repairRecordings({ root, now })
      assert.equal(report.interrupted[0]?.id, 'just-begun')
      assert.deepEqual(await readdir(folder), ['events.ndjson'])
    })
  })

  it('passes over recordings that it is told are running', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { until } = openChannel(connection)
      await until(1)
      const report = await repairRecordings({ root, now, skip: new Set(['recording-1']) })
      assert.deepEqual(report, { inspected: 0, interrupted: [], failed: [] })
      await connection.close()
    })
  })

  it('reports what it cannot repair, and repairs the rest', async () => {
    await withFolder(async (root) => {
      const folder = await record(root)
      await cutEnd(folder)
      await writeFile(join(root, 'precious'), 'not to be touched')
      await symlink(join(root, 'precious'), join(folder, '1.cast'))
      await mkdir(join(folder, '../zz-another'))
      const report = await repairRecordings({ root, now })
      assert.deepEqual(
        report.failed.map(({ id, error }) => [id, (error as NodeJS.ErrnoException).code]),
        [['recording-1', 'ELOOP']],
      )
      assert.deepEqual(
        report.interrupted.map(({ id }) => id),
        ['zz-another'],
      )
      assert.equal(await readFile(join(root, 'precious'), 'utf8'), 'not to be touched')
    })
  })
})

async function record(root: string): Promise<string> {
  const { connection } = openConnection(openStore(root))
  const { channel } = openChannel(connection, { pty: true })
  channel.output(1, Buffer.from('some outpüt\r\n'))
  channel.exitStatus(0)
  await connection.close()
  return connection.folder
}

/** Takes away the ends that a crash would not have written. */
async function cutEnd(folder: string): Promise<void> {
  for (const name of ['0.cast', 'events.ndjson']) {
    const path = join(folder, name)
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    await writeFile(path, `${lines.slice(0, -1).join('\n')}\n`)
  }
}

async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of await readdir(folder)) {
    found[name] = await readFile(join(folder, name), 'latin1')
  }
  return found
}
