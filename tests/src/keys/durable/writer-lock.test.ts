import assert from 'node:assert/strict'
import { chmod, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acquireWriterLock } from '@sallyport/keys/durable'
import { startChild } from './child.ts'
import { scratchFolder } from './scratch-folder.ts'

const program = new URL('./lock-child.ts', import.meta.url)
const now = (): number => Date.UTC(2026, 0, 2)

describe('acquireWriterLock', () => {
  const folder = scratchFolder()

  it('gives the lock to one, and names it to the next', () => {
    const file = join(folder(), 'vault.json')
    const lock = acquireWriterLock(file, { now })
    assert.throws(() => acquireWriterLock(file, { now }), {
      name: 'KeysError',
      code: 'ERR_KEYS_FILE_LOCKED',
      message: `${file} is in use by process ${process.pid} since 2026-01-02T00:00:00.000Z`,
    })
    // The one who was refused has closed the file again, which must not have dropped the lock.
    assert.throws(() => acquireWriterLock(file, { now }), { code: 'ERR_KEYS_FILE_LOCKED' })
    lock.release()
    lock.release()
    acquireWriterLock(file, { now }).release()
  })

  it('is a private file', async () => {
    const file = join(folder(), 'vault.json')
    const lock = acquireWriterLock(file, { now })
    assert.equal((await stat(`${file}.lock`)).mode & 0o777, 0o600)
    lock.release()
  })

  it('goes to exactly one of three processes, and to another when that one is killed', async () => {
    const file = join(folder(), 'vault.json')
    let children = [1, 2, 3].map(() => startChild(program, file))
    try {
      for (let round = 0; round < 2; round++) {
        const answers = await Promise.all(children.map(async (child) => child.next()))
        const winners = children.filter((_, index) => answers[index] === 'held')
        assert.equal(winners.length, 1, String(answers))
        for (const answer of answers.filter((one) => one !== 'held')) {
          assert.match(
            String(answer),
            /vault\.json is in use by (?:process \d+ since|another process)/,
          )
        }
        await Promise.all(children.map(async (child) => child.kill()))
        children = [1, 2, 3].map(() => startChild(program, file))
      }
    } finally {
      await Promise.all(children.map(async (child) => child.kill()))
    }
  })

  it('is refused where its file cannot be', async () => {
    const file = join(folder(), 'absent', 'vault.json')
    assert.throws(() => acquireWriterLock(file, { now }), {
      code: 'ERR_KEYS_FILE_LOCKED',
      message: `cannot create ${file}.lock`,
    })
    const odd = join(folder(), 'odd.json')
    await writeFile(`${odd}.lock`, 'this is no database at all '.repeat(100))
    await chmod(`${odd}.lock`, 0o600)
    assert.throws(() => acquireWriterLock(odd, { now }), {
      code: 'ERR_KEYS_FILE_LOCKED',
      message: `cannot lock ${odd}`,
    })
  })
})
