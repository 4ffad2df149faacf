import assert from 'node:assert/strict'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKekFile, kekFromFile, openVault } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'

const now = (): number => 0

interface Sealed {
  iv: string
  ciphertext: string
  tag: string
}
interface Version {
  version: number
  kekId: string
  createdAt: string
  publicKeyLine: string
  wrappedKey: Sealed
  body: Sealed
  dueSince?: string
}
interface Stored {
  [name: string]: unknown
  format: string
  generation: number
  mac: string
  kek: { id: string; parameters: Record<string, unknown> }
  sealKey: Sealed
  records: [
    { id: string; active: number; versions: [Version, Version] },
    { id: string; active: number; versions: [Version] },
  ]
}

describe('a vault file that was tampered with', () => {
  const folder = scratchFolder()
  let file = ''
  let kek = ''

  beforeEach(async () => {
    file = join(folder(), 'vault.json')
    kek = join(folder(), 'kek')
    await createKekFile(kek)
    const vault = await openVault({ file, kek: kekFromFile(kek), now })
    await vault.generate('a', { type: 'ed25519' })
    await vault.generate('a', { type: 'ed25519' })
    await copyFile(file, `${file}.old`)
    await vault.generate('b', { type: 'ed25519' })
    await vault.close()
  })

  async function tamper(change: (stored: Stored) => void): Promise<void> {
    const stored: Stored = JSON.parse(await readFile(file, 'utf8'))
    change(stored)
    await writeFile(file, JSON.stringify(stored))
  }

  async function assertRefused(code: string, message: string | RegExp): Promise<void> {
    await assert.rejects(
      async () => {
        const vault = await openVault({ file, kek: kekFromFile(kek), now })
        await vault.close()
      },
      { name: 'KeysError', code, message },
    )
  }

  const unsealed =
    'the vault was changed by another program: its private keys open, but its seal does not fit'

  function flip(sealed: Sealed, member: keyof Sealed): void {
    const bytes = Buffer.from(sealed[member], 'base64')
    bytes[0] = (bytes[0] ?? 0) ^ 1
    sealed[member] = bytes.toString('base64')
  }

  for (const member of ['iv', 'ciphertext', 'tag'] as const) {
    it(`is refused when the ${member} of a private key is another`, async () => {
      await tamper(({ records: [a] }) => flip(a.versions[0].body, member))
      await assertRefused(
        'ERR_KEYS_VAULT_ALTERED',
        'the private key stored for "a" version 1 was altered',
      )
    })

    it(`is refused when the ${member} of a data key is another`, async () => {
      await tamper(({ records: [a] }) => flip(a.versions[1].wrappedKey, member))
      await assertRefused(
        'ERR_KEYS_VAULT_ALTERED',
        'the data key stored for "a" version 2 was not sealed for it',
      )
    })
  }

  it('is refused when two ids were swapped', async () => {
    await tamper(({ records: [a, b] }) => {
      a.id = 'b'
      b.id = 'a'
    })
    await assertRefused(
      'ERR_KEYS_VAULT_ALTERED',
      '"b" version 1 holds what was sealed as "a" version 1',
    )
  })

  it('is refused when one key was put in the place of another', async () => {
    await tamper(({ records: [a, b] }) => {
      b.versions[0] = a.versions[0]
    })
    await assertRefused(
      'ERR_KEYS_VAULT_ALTERED',
      '"b" version 1 holds what was sealed as "a" version 1',
    )
  })

  it('is refused when only the private key was put in the place of another', async () => {
    await tamper(({ records: [a, b] }) => {
      b.versions[0].body = a.versions[0].body
    })
    await assertRefused(
      'ERR_KEYS_VAULT_ALTERED',
      'the private key stored for "b" version 1 was altered',
    )
  })

  it('is refused when a version has another number', async () => {
    await tamper(({ records: [a] }) => {
      a.versions[1].version = 3
    })
    await assertRefused(
      'ERR_KEYS_VAULT_ALTERED',
      '"a" version 3 holds what was sealed as "a" version 2',
    )
  })

  it('is refused when the public key is another', async () => {
    await tamper(({ records: [a, b] }) => {
      a.versions[0].publicKeyLine = b.versions[0].publicKeyLine
    })
    await assertRefused(
      'ERR_KEYS_VAULT_ALTERED',
      'the public key stored for "a" version 1 belongs to another private key',
    )
  })

  const quiet: readonly (readonly [string, (stored: Stored) => void])[] = [
    ['an older version was made the active one', ({ records: [a] }) => (a.active = 1)],
    ['a record was taken out', (stored) => stored.records.pop()],
    ['a version was taken out', ({ records: [a] }) => a.versions.shift()],
    ['the generation is another', (stored) => (stored.generation += 1)],
    ['a date is another', ({ records: [a] }) => (a.versions[0].createdAt = 'yesterday')],
    ['the seal is missing', (stored) => (stored.mac = '')],
    ['a KEK parameter was added', (stored) => (stored.kek.parameters['more'] = 1)],
    ['it says to be of the format before', (stored) => (stored.format = 'sallyport-vault/1')],
    ['a version is said to be due', ({ records: [a] }) => (a.versions[0].dueSince = 'today')],
  ]
  for (const [what, change] of quiet) {
    it(`is refused when ${what}`, async () => {
      await tamper(change)
      await assertRefused('ERR_KEYS_VAULT_ALTERED', unsealed)
    })
  }

  it('is refused with a short tag', async () => {
    await tamper(({ records: [a] }) => {
      a.versions[0].body.tag = a.versions[0].body.tag.slice(0, 8)
    })
    const reason = `${file} has 6 bytes at records.0.versions.0.body.tag, not 16; the generation before it is ${file}.previous`
    await assertRefused('ERR_KEYS_FILE_CORRUPT', reason)
  })

  it('is refused with an unknown member or format', async () => {
    await tamper((stored) => (stored['debug'] = true))
    await assertRefused('ERR_KEYS_FILE_CORRUPT', /has an unknown member "debug" at vault;/)
    await tamper((stored) => {
      delete stored['debug']
      stored.format = 'sallyport-vault/3'
    })
    await assertRefused('ERR_KEYS_FILE_CORRUPT', /is not a vault of format 1 or 2;/)
  })

  it('is refused with another KEK, also when the name of the KEK was changed to fit', async () => {
    kek = join(folder(), 'other')
    await createKekFile(kek)
    await assertRefused(
      'ERR_KEYS_KEK_WRONG',
      /^the vault is sealed with KEK file:[0-9a-f]{16}, the given one is file:[0-9a-f]{16}$/,
    )
    const other = await kekFromFile(kek).open({ kind: 'file' })
    await tamper((stored) => (stored.kek.id = other.id))
    await assertRefused(
      'ERR_KEYS_KEK_WRONG',
      `KEK ${other.id} does not open the seal of this vault`,
    )
  })

  it('is refused as a whole when it is a genuine old copy of which a newer was seen', async () => {
    await copyFile(`${file}.old`, file)
    await assertRefused(
      'ERR_KEYS_VAULT_ROLLBACK',
      `${file} is at generation 2, but 3 has been seen: it is an old copy; to go on with it, run sallyport key accept-generation 2`,
    )
  })

  it('is not refused when nothing was changed but the layout', async () => {
    await tamper(() => {})
    const vault = await openVault({ file, kek: kekFromFile(kek), now })
    assert.equal(vault.list().length, 2)
    await vault.close()
  })
})
