import assert from 'node:assert/strict'
import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKekFile, kekFromFile, openVault } from '@sallyport/keys/vault'
import type { Vault, VaultOptions } from '@sallyport/keys/vault'
import { startChild } from '../durable/child.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'

const now = (): number => 0

describe('the generation of a vault', () => {
  const folder = scratchFolder()
  let file = ''
  let seen = ''

  beforeEach(async () => {
    file = join(folder(), 'vault.json')
    seen = `${file}.generation`
    await createKekFile(join(folder(), 'kek'))
  })

  async function use<T>(
    work: (vault: Vault) => Promise<T> | T,
    more: Partial<VaultOptions> = {},
  ): Promise<T> {
    const kek = kekFromFile(join(folder(), 'kek'))
    const vault = await openVault({ file, kek, now, ...more })
    try {
      return await work(vault)
    } finally {
      await vault.close()
    }
  }

  const refused = async (message: string, more: Partial<VaultOptions> = {}): Promise<void> =>
    assert.rejects(
      use(() => {}, more),
      { code: 'ERR_KEYS_VAULT_ROLLBACK', message },
    )

  async function makeThree(): Promise<void> {
    await use(async (vault) => {
      await vault.generate('a')
      await vault.generate('b')
      await copyFile(file, `${file}.old`)
      await vault.generate('c')
    })
  }

  it('is kept beside it, in a private file, with each change', async () => {
    await use(async (vault) => {
      for (const generation of [1, 2, 3]) {
        await vault.generate('a')
        assert.equal(await readFile(seen, 'utf8'), `${generation}\n`)
      }
    })
    assert.equal((await stat(seen)).mode & 0o777, 0o600)
  })

  it('refuses an old copy, and says how to go on with it', async () => {
    await makeThree()
    await copyFile(`${file}.old`, file)
    await refused(
      `${file} is at generation 2, but 3 has been seen: it is an old copy; to go on with it, run sallyport key accept-generation 2`,
    )
  })

  it('refuses an empty start where a vault has been', async () => {
    await makeThree()
    await rm(file)
    await refused(
      `${file} is missing, but generation 3 of it has been seen; to go on with it, run sallyport key accept-generation 0`,
    )
    await use((vault) => assert.deepEqual(vault.list(), []), { acceptGeneration: 0 })
    assert.equal(await readFile(seen, 'utf8'), '4\n')
  })

  it('refuses a vault beside which nothing is kept, and a file that holds no number', async () => {
    await makeThree()
    await rm(seen)
    await refused(
      `${seen} is missing, so nobody knows whether generation 3 of ${file} is an old copy; to go on with it, run sallyport key accept-generation 3`,
    )
    for (const text of ['', '3', '-1\n', '3\n4\n', 'x\n']) {
      await writeFile(seen, text, { mode: 0o600 })
      await assert.rejects(
        use(() => {}),
        {
          code: 'ERR_KEYS_FILE_CORRUPT',
          message: `${seen} does not hold the number of a generation`,
        },
      )
    }
  })

  it('takes the old copy that is accepted by its number, and that one alone', async () => {
    await makeThree()
    await copyFile(file, `${file}.lost`)
    await copyFile(`${file}.old`, file)
    const other = `${file} is at generation 2, not at 1, which was accepted`
    await refused(other, { acceptGeneration: 1 })
    await use(
      (vault) => {
        assert.equal(vault.generation, 4)
        assert.deepEqual(
          vault.list().map(({ id }) => id),
          ['a', 'b'],
        )
      },
      { acceptGeneration: 2 },
    )
    await use((vault) => assert.equal(vault.generation, 4))
    // The branch that was given up has no number in common with what comes after it.
    await copyFile(`${file}.lost`, file)
    await refused(
      `${file} is at generation 3, but 4 has been seen: it is an old copy; to go on with it, run sallyport key accept-generation 3`,
    )
  })

  it('minds what the caller has seen, too', async () => {
    await makeThree()
    await use(() => {}, { minimumGeneration: 3 })
    await refused(
      `${file} is at generation 3, but 9 has been seen: it is an old copy; to go on with it, run sallyport key accept-generation 3`,
      { minimumGeneration: 9 },
    )
  })

  it('goes on after a crash between the vault and what is kept beside it', async () => {
    await makeThree()
    await writeFile(seen, '2\n')
    await use((vault) => assert.equal(vault.generation, 3))
    assert.equal(await readFile(seen, 'utf8'), '3\n')
  })

  it('opens what a process left that was killed at any moment', async function () {
    this.timeout(120_000)
    const program = new URL('./generations-child.ts', import.meta.url)
    for (let round = 0; round < 3; round++) {
      const child = startChild(program, file, join(folder(), 'kek'))
      let last: unknown = 0
      try {
        for (let count = 0; count <= round * 3; count++) last = await child.next()
      } finally {
        await child.kill()
      }
      await use((vault) => assert.ok(vault.generation >= Number(last), `round ${round}`))
    }
  })

  it('opens a vault of the format before, and keeps its generation from then on', async () => {
    await writeFile(file, await readFile(new URL('./vault-1.json', import.meta.url)), {
      mode: 0o600,
    })
    await rm(join(folder(), 'kek'))
    await writeFile(join(folder(), 'kek'), Buffer.alloc(32, 0x2a), { mode: 0o400 })
    await use(async (vault) => {
      assert.deepEqual(
        vault.versions('web-1').map(({ version, active }) => ({ version, active })),
        [
          { version: 1, active: false },
          { version: 2, active: true },
        ],
      )
      ;(await vault.signer('web-1', 1)).close()
      assert.equal(await readFile(seen, 'utf8'), '3\n')
      assert.match(await readFile(file, 'utf8'), /"sallyport-vault\/1"/)
      await vault.activate('web-1', 1)
      assert.match(await readFile(file, 'utf8'), /"sallyport-vault\/2"/)
    })
    await use(async (vault) => (await vault.signer('web-1', 2)).close())
  })
})
