import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKekFile, kekFromFile, kekFromPassphrase, openVault } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'

const now = (): number => 0

describe('kekFromFile', () => {
  const folder = scratchFolder()

  it('reads 32 bytes raw, in hex and in base64 as the same key', async () => {
    const key = randomBytes(32)
    const ids = new Set<string>()
    for (const [name, content] of [
      ['raw', key],
      ['hex', `${key.toString('hex')}\n`],
      ['HEX', key.toString('hex').toUpperCase()],
      ['base64', `${key.toString('base64')}\r\n`],
    ] as const) {
      const file = join(folder(), name)
      await writeFile(file, content, { mode: 0o600 })
      ids.add((await kekFromFile(file).open(undefined)).id)
    }
    assert.equal(ids.size, 1)
    const [id = ''] = ids
    assert.match(id, /^file:[0-9a-f]{16}$/)
    assert.equal(key.includes(Buffer.from(id.slice(5), 'hex')), false)
  })

  it('refuses another length, another text, and no file', async () => {
    const file = join(folder(), 'kek')
    for (const content of [
      randomBytes(31),
      randomBytes(33),
      '',
      'a'.repeat(63),
      'z'.repeat(64),
      'a'.repeat(200),
    ]) {
      await writeFile(file, content, { mode: 0o600 })
      await assert.rejects(kekFromFile(file).open(undefined), {
        code: 'ERR_KEYS_KEK_FILE',
        message: `${file} is not 32 bytes, raw, hex or base64`,
      })
    }
    const absent = join(folder(), 'absent')
    await assert.rejects(kekFromFile(absent).open(undefined), {
      code: 'ERR_KEYS_KEK_FILE',
      message: `no KEK file at ${absent}`,
    })
  })

  for (const mode of [0o640, 0o604, 0o660, 0o620]) {
    it(`refuses a file of mode ${mode.toString(8)}`, async () => {
      const file = join(folder(), 'kek')
      await createKekFile(file)
      await chmod(file, mode)
      await assert.rejects(kekFromFile(file).open(undefined), {
        code: 'ERR_KEYS_FILE_MODE',
        message: `${file} is open to others (mode ${mode.toString(8)}): run chmod 600 on it`,
      })
    })
  }
})

describe('createKekFile', () => {
  const folder = scratchFolder()

  it('creates a file that only we can read, once', async () => {
    const file = join(folder(), 'kek')
    await createKekFile(file)
    const key = await readFile(file)
    assert.equal(key.length, 32)
    assert.equal((await stat(file)).mode & 0o777, 0o400)
    await assert.rejects(createKekFile(file), {
      code: 'ERR_KEYS_KEK_FILE',
      message: `cannot create the KEK file ${file}`,
    })
    assert.deepEqual(await readFile(file), key)
  })
})

describe('kekFromPassphrase', () => {
  const folder = scratchFolder()

  it('opens the vault again with the salt that the vault has kept', async () => {
    const file = join(folder(), 'vault.json')
    const passphrase = Buffer.from('correct horse')
    const vault = await openVault({ file, kek: kekFromPassphrase(passphrase), now })
    assert.ok(
      passphrase.every((byte) => byte === 0),
      'the passphrase is wiped',
    )
    await vault.generate('a', { type: 'ed25519' })
    await vault.close()
    const again = await openVault({
      file,
      kek: kekFromPassphrase(Buffer.from('correct horse')),
      now,
    })
    ;(await again.signer('a')).close()
    await again.close()
    await assert.rejects(openVault({ file, kek: kekFromPassphrase(Buffer.from('wrong')), now }), {
      code: 'ERR_KEYS_KEK_WRONG',
      message:
        /^the vault is sealed with KEK passphrase:[0-9a-f]{16}, the given one is passphrase:/,
    })
    const keyFile = join(folder(), 'kek')
    await createKekFile(keyFile)
    await assert.rejects(openVault({ file, kek: kekFromFile(keyFile), now }), {
      code: 'ERR_KEYS_KEK_WRONG',
      message: 'the vault is sealed with a KEK of kind "passphrase", not with a file',
    })
  })

  it('works with the parameters that we write and no others', async () => {
    const ours = {
      kind: 'passphrase',
      salt: randomBytes(16).toString('base64'),
      N: 2 ** 17,
      r: 8,
      p: 1,
    }
    for (const change of [{ N: 2 ** 30 }, { N: 2 }, { r: 1 }, { p: 2 }, { salt: 'AA==' }]) {
      await assert.rejects(kekFromPassphrase(Buffer.from('x')).open({ ...ours, ...change }), {
        code: 'ERR_KEYS_KEK_WRONG',
        message: 'the scrypt parameters of the vault are not ours',
      })
    }
    await assert.rejects(kekFromPassphrase(Buffer.from('x')).open({ kind: 'file' }), {
      code: 'ERR_KEYS_KEK_WRONG',
      message: 'the vault is sealed with a KEK of kind "file", not with a passphrase',
    })
    await assert.rejects(kekFromPassphrase(Buffer.alloc(0)).open(ours), {
      code: 'ERR_KEYS_KEK_WRONG',
      message: 'passphrase is empty',
    })
  })

  it('serves once, since it is wiped', async () => {
    const source = kekFromPassphrase(Buffer.alloc(0))
    await assert.rejects(source.open(undefined), { code: 'ERR_KEYS_KEK_WRONG' })
    await assert.rejects(
      source.open(undefined),
      new TypeError('this passphrase has been used and wiped'),
    )
  })
})
