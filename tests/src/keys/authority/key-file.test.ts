import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { openAuthority } from '@sallyport/keys/authority'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import { createScratch } from '../publickey/keygen.ts'

describe('the file of an authority', () => {
  const scratch = createScratch()
  after(() => scratch.remove())

  const open = (file: string, kind: 'user' | 'host' = 'user') =>
    openAuthority({ file, kind, now: Date.now })
  const refusal = (file: string, why: string) => ({
    name: 'KeysError',
    code: 'ERR_KEYS_AUTHORITY_FILE',
    message: `authority file ${file} ${why}`,
  })
  function fresh(name: string): string {
    const folder = join(scratch.folder, name)
    mkdirSync(folder)
    return join(folder, 'key')
  }

  it('is made once, for its owner alone, and nothing else is left beside it', async () => {
    const file = fresh('made')
    const made = await open(file)
    assert.equal(made.publicKey.type, 'ssh-ed25519')
    assert.equal(statSync(file).mode & 0o7777, 0o600)
    assert.equal(statSync(file).nlink, 1)
    assert.deepEqual(readdirSync(join(file, '..')), ['key'])
    assert.deepEqual((await open(file)).publicKey.blob, made.publicKey.blob)
  })

  it('is PEM under a title line, with the key that the authority signs with', async () => {
    const file = fresh('readable')
    const { publicKey } = await open(file)
    const text = readFileSync(file, 'utf8')
    const shape =
      /^Sallyport user authority\n-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/]{64}\n-----END PRIVATE KEY-----\n$/
    assert.match(text, shape)
    assert.deepEqual(publicKeyFrom(createPrivateKey(text)).blob, publicKey.blob)
  })

  it('gives one key to all who find none at the same time', async () => {
    const file = fresh('raced')
    // Started a little apart, so that some look while others are writing.
    const starts = Array.from({ length: 40 }, (_, index) => setTimeout(index / 4))
    const all = await Promise.all(starts.map(async (start) => start.then(() => open(file))))
    const blobs = new Set(all.map(({ publicKey }) => publicKey.blob.toString('hex')))
    assert.equal(blobs.size, 1)
    assert.deepEqual(readdirSync(join(file, '..')), ['key'])
  })

  it('survives what a crash leaves before the file has its name', async () => {
    const file = fresh('crashed')
    writeFileSync(join(file, '..', '.key.0123456789abcdef'), 'half', { mode: 0o600 })
    assert.deepEqual((await open(file)).publicKey.blob, (await open(file)).publicKey.blob)
  })

  it('is refused when others may read or write it', async () => {
    const file = fresh('open')
    await open(file)
    for (const mode of [0o640, 0o604, 0o620, 0o610, 0o777]) {
      chmodSync(file, mode)
      const message = new RegExp(`${file} is open to others \\(mode ${mode.toString(8)}\\)`)
      await assert.rejects(open(file), { code: 'ERR_KEYS_FILE_MODE', message })
    }
    chmodSync(file, 0o400)
    await open(file)
  })

  it('is refused when it belongs to someone else', async () => {
    let file = '/etc/passwd'
    // Only root can give a file away; everyone else looks at one that root owns.
    if (process.geteuid?.() === 0) {
      file = fresh('foreign')
      await open(file)
      chownSync(file, 65_534, 65_534)
    }
    const message = `${file} belongs to another account`
    await assert.rejects(open(file), { code: 'ERR_KEYS_FILE_MODE', message })
  })

  it('may be a link to such a file, as mounted secrets are, but no folder', async () => {
    const file = fresh('linked')
    const { publicKey } = await open(file)
    const other = join(file, '..', 'other')
    symlinkSync(file, other)
    assert.deepEqual((await open(other)).publicKey.blob, publicKey.blob)
    chmodSync(file, 0o644)
    await assert.rejects(open(other), { code: 'ERR_KEYS_FILE_MODE' })
    const folder = join(file, '..')
    const message = `${folder} is not a plain file`
    await assert.rejects(open(folder), { code: 'ERR_KEYS_FILE_MODE', message })
  })

  it('is refused when it holds no key, part of one or an encrypted one', async () => {
    const file = fresh('damaged')
    await open(file)
    const whole = readFileSync(file)
    const why = refusal(file, 'holds no unencrypted private key in PEM')
    for (let length = 0; length < whole.length - 1; length += 1) {
      writeFileSync(file, whole.subarray(0, length))
      await assert.rejects(open(file), why, `prefix ${length}`)
    }
    const { privateKey } = generateKeyPairSync('ed25519')
    const encryption = { cipher: 'aes-256-cbc', passphrase: 'x' }
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8', ...encryption }))
    await assert.rejects(open(file), why)
  })

  it('is refused when it holds the authority of the other kind', async () => {
    const file = fresh('swapped')
    await open(file, 'host')
    const why = 'holds the host authority, expected the user authority'
    await assert.rejects(open(file), refusal(file, why))
  })

  it('may hold a key that an admin made elsewhere', async () => {
    const file = fresh('given')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
    assert.deepEqual((await open(file)).publicKey.blob, publicKeyFrom(privateKey).blob)
  })

  it('cannot be made where its folder is missing', async () => {
    const file = join(scratch.folder, 'missing', 'key')
    await assert.rejects(open(file), refusal(file, 'cannot be made'))
  })

  it('does not show its private key when the authority is printed', async () => {
    const file = fresh('printed')
    const authority = await open(file)
    const [, , secret = ''] = readFileSync(file, 'utf8').split('\n')
    assert.equal(secret.length, 64)
    const shown = inspect(authority, { depth: null, showHidden: true })
    const privateKeyBytes = Buffer.from(secret, 'base64').subarray(16)
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      assert.ok(!shown.replaceAll(' ', '').includes(privateKeyBytes.toString(form)))
    }
  })
})
