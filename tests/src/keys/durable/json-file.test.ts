import assert from 'node:assert/strict'
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Low } from 'lowdb'
import { DurableJSONFile, removeLeftovers, writeDurably } from '@sallyport/keys/durable'
import { startChild } from './child.ts'
import { scratchFolder } from './scratch-folder.ts'

interface Counted {
  readonly count: number
}

function parse(value: unknown): Counted {
  if (typeof value === 'object' && value !== null && 'count' in value) {
    if (typeof value.count === 'number') return { count: value.count }
  }
  throw new Error('has no count')
}

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777
}

describe('writeDurably', () => {
  const folder = scratchFolder()

  it('replaces a file and sets its mode, whatever mode and umask were', async () => {
    const file = join(folder(), 'a')
    await writeFile(file, 'old', { mode: 0o600 })
    await writeDurably(file, Buffer.from('new'), { mode: 0o666 })
    assert.equal(await readFile(file, 'utf8'), 'new')
    assert.equal(await modeOf(file), 0o666)
    assert.deepEqual(await readdir(folder()), ['a'])
  })

  it('writes where a symbolic link points', async () => {
    const file = join(folder(), 'real')
    const name = join(folder(), 'link')
    await writeFile(file, 'old')
    await symlink(file, name)
    await writeDurably(name, Buffer.from('new'), { mode: 0o600 })
    assert.equal((await lstat(name)).isSymbolicLink(), true)
    assert.equal(await readFile(file, 'utf8'), 'new')
  })

  it('leaves nothing behind when it fails', async () => {
    const file = join(folder(), 'taken')
    await mkdir(file)
    await assert.rejects(writeDurably(file, Buffer.from('x'), { mode: 0o600 }), {
      name: 'KeysError',
      code: 'ERR_KEYS_FILE_WRITE',
      message: `cannot write ${file}`,
    })
    assert.deepEqual(await readdir(folder()), ['taken'])
  })
})

describe('removeLeftovers', () => {
  const folder = scratchFolder()

  it('removes what a crash between writing and renaming has left, and nothing else', async () => {
    const file = join(folder(), 'vault.json')
    await writeFile(file, 'whole')
    await writeFile(join(folder(), '.vault.json.new-0123456789abcdef'), 'ha')
    await writeFile(join(folder(), '.other.json.new-0123456789abcdef'), 'ha')
    await removeLeftovers(file)
    assert.deepEqual(await readdir(folder()), ['.other.json.new-0123456789abcdef', 'vault.json'])
    assert.equal(await readFile(file, 'utf8'), 'whole')
  })
})

describe('DurableJSONFile', () => {
  const folder = scratchFolder()

  it('reads null when there is no file, what was written when there is one', async () => {
    const file = join(folder(), 'a.json')
    const adapter = new DurableJSONFile(file, { parse })
    assert.equal(await adapter.read(), null)
    const low = new Low<Counted>(adapter, { count: 0 })
    await low.read()
    assert.deepEqual(low.data, { count: 0 })
    low.data = { count: 1 }
    await low.write()
    assert.deepEqual(await adapter.read(), { count: 1 })
    assert.equal(await modeOf(file), 0o600)
  })

  it('keeps the generation before, with its mode', async () => {
    const file = join(folder(), 'a.json')
    const adapter = new DurableJSONFile(file, { parse })
    for (const count of [1, 2, 3]) await adapter.write({ count })
    const previous = new DurableJSONFile(`${file}.previous`, { parse })
    assert.deepEqual(await previous.read(), { count: 2 })
    assert.equal(await modeOf(`${file}.previous`), 0o600)
    assert.deepEqual((await readdir(folder())).toSorted(), ['a.json', 'a.json.previous'])
  })

  it('writes what each call was given, in the order of the calls', async () => {
    const file = join(folder(), 'a.json')
    const adapter = new DurableJSONFile(file, { parse })
    const value = { count: 0 }
    const writes: Promise<void>[] = []
    for (let count = 1; count <= 20; count++) {
      value.count = count
      writes.push(adapter.write(value))
    }
    value.count = 99
    await Promise.all(writes)
    assert.deepEqual(await adapter.read(), { count: 20 })
    const previous = new DurableJSONFile(`${file}.previous`, { parse })
    assert.deepEqual(await previous.read(), { count: 19 })
  })

  it('goes on after a write that failed', async () => {
    const file = join(folder(), 'absent', 'a.json')
    const adapter = new DurableJSONFile(file, { parse })
    await assert.rejects(adapter.write({ count: 1 }), { code: 'ERR_KEYS_FILE_WRITE' })
    await mkdir(join(folder(), 'absent'))
    await adapter.write({ count: 2 })
    assert.deepEqual(await adapter.read(), { count: 2 })
  })

  for (const [what, content, problem] of [
    ['empty', '', 'is empty'],
    ['"null"', 'null', 'holds "null"'],
    ['not UTF-8', Buffer.of(0x22, 0xff, 0x22), 'is not whole JSON'],
    ['another shape', '{"count":"1"}', 'has no count'],
  ] as const) {
    it(`refuses a file that is ${what}`, async () => {
      const file = join(folder(), 'a.json')
      await writeFile(file, content, { mode: 0o600 })
      await assert.rejects(new DurableJSONFile(file, { parse }).read(), {
        name: 'KeysError',
        code: 'ERR_KEYS_FILE_CORRUPT',
        message: `${file} ${problem}; the generation before it is ${file}.previous`,
      })
    })
  }

  it('refuses a file that was cut short, wherever', async () => {
    const file = join(folder(), 'a.json')
    const adapter = new DurableJSONFile(file, { parse })
    await adapter.write({ count: 123 })
    const whole = (await readFile(file, 'utf8')).trimEnd()
    for (let length = 0; length < whole.length; length++) {
      await writeFile(file, whole.slice(0, length))
      await assert.rejects(adapter.read(), { code: 'ERR_KEYS_FILE_CORRUPT' }, `${length} bytes`)
    }
  })

  it('refuses a file that others may read', async () => {
    const file = join(folder(), 'a.json')
    const adapter = new DurableJSONFile(file, { parse })
    await adapter.write({ count: 1 })
    await chmod(file, 0o640)
    await assert.rejects(adapter.read(), {
      code: 'ERR_KEYS_FILE_MODE',
      message: `${file} is open to others (mode 640): run chmod 600 on it`,
    })
  })

  it('holds a whole generation whenever its writer is killed', async () => {
    const file = join(folder(), 'a.json')
    const program = new URL('./write-child.ts', import.meta.url)
    const adapter = new DurableJSONFile<unknown>(file, { parse: (value) => value })
    for (let round = 0; round < 5; round++) {
      const child = startChild(program, file)
      let written = 0
      try {
        while (written < 3 + round) written = Number(await child.next())
        await new Promise((resolve) => setTimeout(resolve, round))
      } finally {
        await child.kill()
      }
      const value = await adapter.read()
      assert.ok(typeof value === 'object' && value !== null && 'generation' in value)
      assert.ok(Number(value.generation) >= written, `${String(value.generation)} < ${written}`)
      await removeLeftovers(file)
    }
  })
})
