import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { fingerprint, parsePublicKeyLine, verifySignature } from '@sallyport/keys/publickey'
import { createKekFile, kekFromFile, openVault } from '@sallyport/keys/vault'
import type { Vault } from '@sallyport/keys/vault'
import { startChild } from '../durable/child.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'

const now = (): number => Date.UTC(2026, 0, 2)
const data = Buffer.from('to be signed')

describe('openVault', () => {
  const folder = scratchFolder()
  const open: Vault[] = []

  async function openIt(more: { minimumGeneration?: number } = {}): Promise<Vault> {
    const kek = kekFromFile(join(folder(), 'kek'))
    const vault = await openVault({ file: join(folder(), 'vault.json'), kek, now, ...more })
    open.push(vault)
    return vault
  }

  beforeEach(async () => createKekFile(join(folder(), 'kek')))
  afterEach(async () => {
    for (const vault of open.splice(0)) await vault.close()
  })

  it('is empty when new, and writes nothing before its first change', async () => {
    const vault = await openIt()
    assert.deepEqual(vault.list(), [])
    assert.equal(vault.generation, 0)
    assert.deepEqual((await readdir(folder())).toSorted(), ['kek', 'vault.json.lock'])
  })

  it('gives out a signer whose signatures fit the public key it lists', async () => {
    const vault = await openIt()
    const publicKey = await vault.generate('web-1', { type: 'ed25519', comment: 'web-1@bastion' })
    assert.deepEqual(vault.list(), [
      {
        id: 'web-1',
        version: 1,
        active: true,
        fingerprint: fingerprint(publicKey.blob),
        type: 'ssh-ed25519',
        createdAt: '2026-01-02T00:00:00.000Z',
        kekId: vault.kekId,
        publicKeyLine: `ssh-ed25519 ${publicKey.blob.toString('base64')} web-1@bastion`,
      },
    ])
    const signer = await vault.signer('web-1')
    assert.deepEqual(signer.publicKey.blob, publicKey.blob)
    const signatureBlob = signer.sign(data)
    assert.equal(verifySignature({ publicKey, data, signatureBlob }), true)
    signer.close()
    assert.throws(() => signer.sign(data), {
      code: 'ERR_KEYS_VAULT_CLOSED',
      message: 'signer is closed',
    })
  })

  it('keeps its keys over a restart, in a private file, generation by generation', async () => {
    const vault = await openIt()
    const first = await vault.generate('web-1', { type: 'ed25519' })
    await vault.generate('web-2', { type: 'ed25519' })
    await vault.close()
    assert.equal((await stat(join(folder(), 'vault.json'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(folder(), 'vault.json.previous'))).mode & 0o777, 0o600)
    const again = await openIt({ minimumGeneration: 2 })
    assert.equal(again.generation, 2)
    assert.deepEqual(
      again.list().map((entry) => entry.id),
      ['web-1', 'web-2'],
    )
    const signer = await again.signer('web-1')
    const signatureBlob = signer.sign(data)
    assert.equal(verifySignature({ publicKey: first, data, signatureBlob }), true)
  })

  it('shows no private byte in the file, nor in what it gives out', async () => {
    const vault = await openIt()
    const pem = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519'])
    const der = Buffer.from(pem.toString().replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
    const seed = der.subarray(-32)
    await vault.import('web-1', pem)
    assert.ok(
      pem.every((byte) => byte === 0),
      'the text given is wiped',
    )
    const signer = await vault.signer('web-1')
    const shown = [
      await readFile(join(folder(), 'vault.json')),
      Buffer.from(inspect(signer, { depth: 9, showHidden: true }) + JSON.stringify(signer)),
      Buffer.from(inspect(vault, { depth: 9, showHidden: true }) + JSON.stringify(vault.list())),
    ]
    for (const text of shown) {
      for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const) {
        assert.equal(text.includes(seed.toString(encoding)), false, encoding)
      }
    }
  })

  it('keeps the last three versions, and the active one', async () => {
    const vault = await openIt()
    for (let version = 1; version <= 4; version++) await vault.generate('a', { type: 'ed25519' })
    const kept = (): readonly string[] =>
      vault.versions('a').map((entry) => `${entry.version}${entry.active ? ' active' : ''}`)
    assert.deepEqual(kept(), ['2', '3', '4 active'])
    await vault.activate('a', 2)
    assert.equal(vault.list()[0]?.version, 2)
    for (const version of [5, 6]) {
      const key = await vault.generate('a', { type: 'ed25519', activate: false })
      const signer = await vault.signer('a', version)
      assert.deepEqual(signer.publicKey.blob, key.blob)
    }
    assert.deepEqual(kept(), ['2 active', '4', '5', '6'])
    await assert.rejects(vault.signer('a', 3), {
      code: 'ERR_KEYS_VAULT_ABSENT',
      message: 'the vault has no version 3 of "a"',
    })
    await assert.rejects(vault.activate('a', 3), { code: 'ERR_KEYS_VAULT_ABSENT' })
    await vault.close()
    const again = await openIt()
    assert.deepEqual(again.versions('a'), vault.versions('a'))
  })

  it('makes one change after another', async () => {
    const vault = await openIt()
    const ids = Array.from({ length: 10 }, (_, index) => `host-${index}`)
    await Promise.all(ids.map(async (id) => vault.generate(id, { type: 'ed25519' })))
    assert.equal(vault.generation, 10)
    await vault.close()
    assert.deepEqual(
      (await openIt()).list().map((entry) => entry.id),
      ids,
    )
  })

  it('does not show what could not be written', async () => {
    const vault = await openIt()
    await vault.generate('a', { type: 'ed25519' })
    // A folder in the place of the previous generation lets no write through, root's neither.
    await mkdir(join(folder(), 'vault.json.previous', 'full'), { recursive: true })
    await assert.rejects(vault.generate('b', { type: 'ed25519' }))
    assert.deepEqual(
      vault.list().map((entry) => entry.id),
      ['a'],
    )
    await rm(join(folder(), 'vault.json.previous'), { recursive: true })
    await vault.generate('c', { type: 'ed25519' })
    await vault.close()
    assert.deepEqual(
      (await openIt()).list().map((entry) => entry.id),
      ['a', 'c'],
    )
  })

  it('refuses ids that are no names, and keys that are not there', async () => {
    const vault = await openIt()
    for (const id of ['', '../a', '__proto__', 'a b', 'a'.repeat(65)]) {
      await assert.rejects(
        vault.generate(id, { type: 'ed25519' }),
        new TypeError('"id" must be 1 to 64 letters, digits, ".", "_" or "-"'),
      )
    }
    await assert.rejects(vault.signer('constructor'), {
      code: 'ERR_KEYS_VAULT_ABSENT',
      message: 'the vault has no key "constructor"',
    })
  })

  it('does nothing once it is closed', async () => {
    const vault = await openIt()
    await vault.generate('a', { type: 'ed25519' })
    await vault.close()
    const closed = { code: 'ERR_KEYS_VAULT_CLOSED', message: 'vault is closed' }
    await assert.rejects(vault.generate('a', { type: 'ed25519' }), closed)
    await assert.rejects(vault.import('a', Buffer.from('x')), closed)
    await assert.rejects(vault.signer('a'), closed)
    await assert.rejects(vault.activate('a', 1), closed)
  })

  it('belongs to one process at a time', async () => {
    const program = new URL('./vault-child.ts', import.meta.url)
    const file = join(folder(), 'vault.json')
    const children = [1, 2, 3].map(() => startChild(program, file, join(folder(), 'kek')))
    try {
      const answers = await Promise.all(children.map(async (child) => child.next()))
      assert.equal(answers.filter((answer) => answer === 'open').length, 1, String(answers))
      await assert.rejects(openIt(), {
        code: 'ERR_KEYS_FILE_LOCKED',
        message: /vault\.json is in use by process \d+ since/,
      })
    } finally {
      await Promise.all(children.map(async (child) => child.kill()))
    }
    const vault = await openIt()
    assert.deepEqual(
      vault.list().map((entry) => entry.id),
      ['web-1'],
    )
  })

  it('clears away what a crash has left, and frees the lock when it cannot open', async () => {
    const file = join(folder(), 'vault.json')
    await writeFile(join(folder(), '.vault.json.new-00'), 'half')
    await writeFile(file, '', { mode: 0o600 })
    await assert.rejects(openIt(), { code: 'ERR_KEYS_FILE_CORRUPT' })
    await assert.rejects(openIt(), { code: 'ERR_KEYS_FILE_CORRUPT' })
    assert.equal((await readdir(folder())).includes('.vault.json.new-00'), false)
  })

  it('lists keys as ssh-keygen reads them', async () => {
    const vault = await openIt()
    await vault.generate('a', { type: 'ed25519' })
    const [entry] = vault.list()
    assert.ok(entry)
    const input = `${entry.publicKeyLine}\n`
    const printed = execFileSync('ssh-keygen', ['-l', '-f', '-'], { input }).toString()
    assert.ok(printed.includes(entry.fingerprint), printed)
    assert.deepEqual(parsePublicKeyLine(entry.publicKeyLine).type, entry.type)
  })
})
