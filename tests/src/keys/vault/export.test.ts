import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  armor,
  Decrypter,
  generateHybridIdentity,
  generateIdentity,
  identityToRecipient,
} from 'age-encryption'
import { createKekFile, kekFromFile, openVault, parsePrivateKey } from '@sallyport/keys/vault'
import type { KeyKind, Vault } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'

const now = (): number => Date.UTC(2026, 0, 2)
const approvedBy = ['Ada', 'Grace']

describe('export', () => {
  const folder = scratchFolder()
  let vault: Vault
  let identity = ''
  let recipient = ''

  beforeEach(async () => {
    await createKekFile(join(folder(), 'kek'))
    vault = await reopened()
    identity = await generateIdentity()
    recipient = await identityToRecipient(identity)
  })
  afterEach(async () => vault.close())

  async function reopened(): Promise<Vault> {
    const kek = kekFromFile(join(folder(), 'kek'))
    return openVault({ file: join(folder(), 'vault.json'), kek, now })
  }

  async function decrypted(file: string, by: string): Promise<Buffer> {
    const decrypter = new Decrypter()
    decrypter.addIdentity(by)
    return Buffer.from(await decrypter.decrypt(armor.decode(file)))
  }

  const kinds: readonly KeyKind[] = [
    { type: 'ed25519' },
    { type: 'ecdsa', bits: 256 },
    { type: 'ecdsa', bits: 384 },
    { type: 'ecdsa', bits: 521 },
    { type: 'rsa' },
  ]
  for (const kind of kinds) {
    it(`gives out ${JSON.stringify(kind)} in a file that ssh-keygen reads`, async () => {
      await vault.generate('web-1', { ...kind, comment: 'web-1@bastion' })
      const { file, entry } = await vault.export('web-1', { recipients: [recipient], approvedBy })
      assert.match(file, /^-----BEGIN AGE ENCRYPTED FILE-----\n/)
      const text = await decrypted(file, identity)
      const path = join(folder(), 'id')
      await writeFile(path, text, { mode: 0o600 })
      const printed = execFileSync('ssh-keygen', ['-y', '-P', '', '-f', path]).toString()
      assert.equal(printed.trim(), entry.publicKeyLine)
      assert.equal(parsePrivateKey(text).comment, 'web-1@bastion')
    })
  }

  it('pads and trims numbers as OpenSSH does, for many keys', async () => {
    for (let count = 0; count < 16; count++) {
      await vault.generate('a', { type: 'ecdsa', bits: 521, comment: 'x'.repeat(count % 9) })
      const { file, entry } = await vault.export('a', { recipients: [recipient], approvedBy })
      const text = await decrypted(file, identity)
      const path = join(folder(), 'id')
      await writeFile(path, text, { mode: 0o600 })
      if (count % 4 === 0) execFileSync('ssh-keygen', ['-y', '-P', '', '-f', path])
      const copy = await openVault({
        file: join(folder(), `copy-${count}.json`),
        kek: kekFromFile(join(folder(), 'kek')),
        now,
      })
      const publicKey = await copy.import('a', text)
      assert.equal(entry.publicKeyLine.includes(publicKey.blob.toString('base64')), true)
      await copy.close()
    }
  })

  it('seals for each recipient, of both kinds, and for nobody else', async () => {
    const hybrid = await generateHybridIdentity()
    await vault.generate('a')
    const recipients = [recipient, await identityToRecipient(hybrid), recipient]
    const exported = await vault.export('a', { recipients, approvedBy })
    assert.deepEqual(exported.recipients, recipients.slice(0, 2))
    for (const by of [identity, hybrid]) {
      assert.match((await decrypted(exported.file, by)).toString(), /^-----BEGIN OPENSSH PRIVATE/)
    }
    await assert.rejects(decrypted(exported.file, await generateIdentity()))
  })

  it('opens with the age program too', async () => {
    await vault.generate('a', { type: 'rsa' })
    const { file, entry } = await vault.export('a', { recipients: [recipient], approvedBy })
    await writeFile(join(folder(), 'identity'), `${identity}\n`, { mode: 0o600 })
    const args = ['-d', '-i', join(folder(), 'identity')]
    const path = join(folder(), 'id')
    await writeFile(path, execFileSync('age', args, { input: file }), { mode: 0o600 })
    const printed = execFileSync('ssh-keygen', ['-y', '-P', '', '-f', path]).toString()
    assert.equal(printed.trim(), entry.publicKeyLine)
  })

  it('marks the version as due before it gives anything out, and another version is not', async () => {
    await vault.generate('a')
    await vault.generate('b')
    await vault.export('a', { recipients: [recipient], approvedBy })
    const due = (): unknown => vault.list().map(({ id, dueSince }) => [id, dueSince])
    const since = '2026-01-02T00:00:00.000Z'
    assert.deepEqual(due(), [
      ['b', undefined],
      ['a', since],
    ])
    await vault.close()
    vault = await reopened()
    assert.deepEqual(due(), [
      ['b', undefined],
      ['a', since],
    ])
    await vault.generate('a', { activate: false })
    assert.equal(vault.list().find(({ id }) => id === 'a')?.dueSince, since)
    await vault.activate('a', 2)
    assert.equal(vault.list().find(({ id }) => id === 'a')?.dueSince, undefined)
    await vault.activate('a', 1)
    assert.equal(vault.list().find(({ id }) => id === 'a')?.dueSince, since)
  })

  it('gives nothing out when that cannot be written down', async () => {
    await vault.generate('a')
    await rm(join(folder(), 'vault.json.previous'), { force: true })
    await mkdir(join(folder(), 'vault.json.previous', 'full'), { recursive: true })
    await assert.rejects(vault.export('a', { recipients: [recipient], approvedBy }))
    assert.equal(vault.list()[0]?.dueSince, undefined)
    await rm(join(folder(), 'vault.json.previous'), { recursive: true })
  })

  it('takes the version that is asked for', async () => {
    const first = await vault.generate('a')
    await vault.generate('a')
    const { entry } = await vault.export('a', { recipients: [recipient], approvedBy, version: 1 })
    assert.equal(entry.version, 1)
    assert.equal(entry.publicKeyLine.includes(first.blob.toString('base64')), true)
    assert.equal(vault.list()[0]?.dueSince, undefined)
    await assert.rejects(vault.export('a', { recipients: [recipient], approvedBy, version: 3 }), {
      code: 'ERR_KEYS_VAULT_ABSENT',
    })
  })

  it('wants two persons, by two different names', async () => {
    await vault.generate('a')
    const two = 'a private key is given out when two persons approve, by two different names'
    const named = 'an approver is named by 1 to 128 characters on one line'
    for (const [names, message] of [
      [[], two],
      [['Ada'], two],
      [['Ada', 'Ada'], two],
      [['Ada', ' ada '], two],
      [['Ada', 'Ａｄａ'], two],
      [['Ada', 'Grace', 'Edith'], two],
      [['Ada', ''], named],
      [['Ada', '  '], named],
      [['Ada', 'Ada\u200b'], named],
      [['Ada', 'x'.repeat(129)], named],
      [['Ada', 'Gr\nace'], named],
    ] as const) {
      await assert.rejects(
        vault.export('a', { recipients: [recipient], approvedBy: names }),
        { code: 'ERR_KEYS_VAULT_EXPORT', message },
        names.join('|'),
      )
    }
    assert.equal(vault.generation, 1)
  })

  it('wants recipients of age', async () => {
    await vault.generate('a')
    for (const recipients of [
      ['ssh-ed25519 AAAA'],
      [recipient, `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`],
      [identity],
      [''],
    ]) {
      await assert.rejects(vault.export('a', { recipients, approvedBy }), {
        code: 'ERR_KEYS_VAULT_EXPORT',
        message: /^recipient [12] is no recipient of age \(age1…\)$/,
      })
    }
    for (const recipients of [[], Array.from({ length: 17 }, (_, index) => `age1${index}`)]) {
      await assert.rejects(vault.export('a', { recipients, approvedBy }), {
        code: 'ERR_KEYS_VAULT_EXPORT',
        message: 'a private key is given out to 1 to 16 recipients of age',
      })
    }
    assert.equal(vault.generation, 1)
    assert.doesNotMatch(await readFile(join(folder(), 'vault.json'), 'utf8'), /dueSince/)
  })
})
