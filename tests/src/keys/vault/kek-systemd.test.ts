import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kekFromFile, kekFromSystemd } from '@sallyport/keys/vault'
import { startChild } from '../durable/child.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'

describe('kekFromSystemd', () => {
  let directory = ''
  // Before the scratch folder is removed: whoever is not root needs the right to write for that.
  afterEach(async () => chmod(directory, 0o700))
  const folder = scratchFolder()
  const key = randomBytes(32)

  beforeEach(async () => {
    directory = join(folder(), 'credentials')
    await mkdir(directory, { mode: 0o700 })
  })

  async function credential(mode: number, content: string | Buffer = key): Promise<void> {
    const file = join(directory, 'kek')
    await writeFile(file, content)
    await chmod(file, mode)
  }

  const opened = async (name = 'kek'): Promise<string> =>
    (await kekFromSystemd({ name, directory }).open(undefined)).id

  for (const [mode, folderMode] of [
    [0o400, 0o500],
    [0o440, 0o550],
    [0o440, 0o750],
  ] as const) {
    it(`reads a credential of mode ${mode.toString(8)} in a folder of mode ${folderMode.toString(8)}`, async () => {
      await credential(mode, `${key.toString('base64')}\n`)
      await chmod(directory, folderMode)
      const file = join(folder(), 'kek')
      await writeFile(file, key, { mode: 0o600 })
      assert.equal(await opened(), (await kekFromFile(file).open(undefined)).id)
    })
  }

  for (const mode of [0o600, 0o444, 0o404, 0o460, 0o420]) {
    it(`refuses a credential of mode ${mode.toString(8)}, which systemd does not make`, async () => {
      await credential(mode)
      await assert.rejects(opened(), {
        code: 'ERR_KEYS_FILE_MODE',
        message: /credentials\/kek (is open to others|can be written).*so systemd did not make it$/,
      })
    })
  }

  it('refuses a folder that others can look into or change', async () => {
    await credential(0o400)
    for (const mode of [0o755, 0o770, 0o701]) {
      await chmod(directory, mode)
      await assert.rejects(opened(), {
        code: 'ERR_KEYS_FILE_MODE',
        message: /credentials is open to others/,
      })
    }
  })

  it('says what is missing', async () => {
    const refusal = (message: string): object => ({ code: 'ERR_KEYS_KEK_FILE', message })
    const without = kekFromSystemd({ name: 'kek', directory: undefined })
    await assert.rejects(
      without.open(undefined),
      refusal('no credential "kek": CREDENTIALS_DIRECTORY is not set by systemd'),
    )
    await assert.rejects(
      opened(),
      refusal(`no credential "kek" at ${directory}/kek: is LoadCredential= in the unit?`),
    )
    for (const name of ['../kek', '', '.', 'a/b']) {
      await assert.rejects(opened(name), refusal(`"${name}" is no name of a credential`))
    }
    await credential(0o400, 'a'.repeat(200))
    await assert.rejects(opened(), refusal(`${directory}/kek is not 32 bytes, raw, hex or base64`))
    const relative = kekFromSystemd({ name: 'kek', directory: 'credentials' })
    await assert.rejects(relative.open(undefined), { code: 'ERR_KEYS_KEK_FILE' })
  })

  it('refuses a folder in the place of a credential', async () => {
    await mkdir(join(directory, 'kek'), { mode: 0o500 })
    await assert.rejects(opened(), { message: /kek is not a plain file$/ })
    await symlink(join(directory, 'kek'), join(directory, 'link'))
    await assert.rejects(opened('link'), { message: /link is not a plain file$/ })
  })

  it('reads what root gave to another account, and not what a third account made', async () => {
    assert.equal(process.geteuid?.(), 0, 'this test gives a file to another account, as root')
    // An access list shows as rights of the group; here the group itself has them.
    await chmod(folder(), 0o755)
    await credential(0o440)
    await chown(join(directory, 'kek'), 0, 65534)
    await chmod(directory, 0o550)
    await chown(directory, 0, 65534)
    const program = new URL('./systemd-child.ts', import.meta.url)
    const ask = async (): Promise<unknown> => {
      const child = startChild(program, directory)
      try {
        return await child.next()
      } finally {
        await child.kill()
      }
    }
    assert.match(String(await ask()), /^file:[0-9a-f]{16}$/)
    await chown(join(directory, 'kek'), 1, 65534)
    assert.match(String(await ask()), /kek belongs to another account$/)
  })
})
