import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { verifySignature } from '@sallyport/keys/publickey'
import {
  createKekFile,
  kekFromFile,
  kekFromPassphrase,
  kekFromTransit,
  openVault,
} from '@sallyport/keys/vault'
import type { Kek, KekSource, Vault } from '@sallyport/keys/vault'
import { startChild } from '../durable/child.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { startTransit } from './transit-double.ts'

const now = (): number => 0
const data = Buffer.from('to be signed')

interface Stored {
  readonly generation: number
  readonly kek: { readonly id: string }
  readonly sealKey: unknown
  readonly records: readonly {
    readonly versions: readonly { kekId: string; wrappedKey: unknown; body: unknown }[]
  }[]
}

describe('rewrap', () => {
  const folder = scratchFolder()
  let file = ''
  let old: KekSource
  let next: KekSource

  beforeEach(async () => {
    file = join(folder(), 'vault.json')
    await createKekFile(join(folder(), 'old'))
    await createKekFile(join(folder(), 'next'))
    old = kekFromFile(join(folder(), 'old'))
    next = kekFromFile(join(folder(), 'next'))
    await use(old, async (vault) => {
      await vault.generate('a')
      await vault.generate('a', { type: 'ecdsa', activate: false })
      await vault.generate('b', { type: 'rsa' })
    })
  })

  async function use<T>(kek: KekSource, work: (vault: Vault) => Promise<T> | T): Promise<T> {
    const vault = await openVault({ file, kek, now })
    try {
      return await work(vault)
    } finally {
      await vault.close()
    }
  }

  const stored = async (): Promise<Stored> => JSON.parse(await readFile(file, 'utf8'))

  async function assertAllSign(vault: Vault): Promise<void> {
    for (const [id, version] of [
      ['a', 1],
      ['a', 2],
      ['b', 1],
    ] as const) {
      const signer = await vault.signer(id, version)
      const signatureBlob = signer.sign(data)
      signer.close()
      assert.equal(verifySignature({ publicKey: signer.publicKey, data, signatureBlob }), true)
    }
  }

  it('puts every data key under the new KEK in one write, and leaves the private keys as they are', async () => {
    const before = await stored()
    await use(old, async (vault) => {
      await vault.rewrap(next)
      assert.match(vault.kekId, /^file:/)
      await assertAllSign(vault)
    })
    const after = await stored()
    assert.equal(after.generation, before.generation + 1)
    assert.notEqual(after.kek.id, before.kek.id)
    assert.notDeepEqual(after.sealKey, before.sealKey)
    const versions = (of: Stored): Stored['records'][0]['versions'] =>
      of.records.flatMap((record) => record.versions)
    assert.deepEqual(
      versions(after).map(({ body }) => body),
      versions(before).map(({ body }) => body),
    )
    for (const [index, version] of versions(after).entries()) {
      assert.equal(version.kekId, after.kek.id)
      assert.notDeepEqual(version.wrappedKey, versions(before)[index]?.wrappedKey)
    }
    await use(next, assertAllSign)
    await assert.rejects(
      use(old, () => {}),
      { code: 'ERR_KEYS_KEK_WRONG' },
    )
  })

  it('takes its turn among changes, which are sealed with the KEK of their time', async () => {
    await use(old, async (vault) => {
      await Promise.all([vault.generate('c'), vault.rewrap(next), vault.generate('d')])
    })
    await use(next, async (vault) => {
      for (const id of ['a', 'b', 'c', 'd']) (await vault.signer(id)).close()
    })
  })

  it('lets keys be opened at each moment of it', async () => {
    await use(old, async (vault) => {
      for (const kek of [next, old, next]) {
        let done = false
        const rewrapping = vault.rewrap(kek).finally(() => (done = true))
        while (!done) {
          await assertAllSign(vault)
          await setImmediate()
        }
        await rewrapping
      }
    })
  })

  it('goes to a key engine and to a passphrase, and back', async () => {
    const transit = await startTransit()
    try {
      const tokenFile = join(folder(), 'token')
      await writeFile(tokenFile, transit.token, { mode: 0o400 })
      const { address } = transit
      const engine = kekFromTransit({
        address,
        mount: 'transit',
        key: 'kek',
        tokenFile,
        timeout: 5000,
      })
      await use(old, async (vault) => vault.rewrap(engine))
      await use(engine, async (vault) => {
        await assertAllSign(vault)
        // The same key of the engine again, for its new version.
        transit.keys.get('kek')?.push(Buffer.alloc(32, 3))
        await vault.rewrap(engine)
        transit.minimumVersion = 2
        await assertAllSign(vault)
        await vault.rewrap(kekFromPassphrase(Buffer.from('correct horse')))
      })
    } finally {
      await transit.close()
    }
    await use(kekFromPassphrase(Buffer.from('correct horse')), async (vault) => vault.rewrap(old))
    await use(old, assertAllSign)
  })

  it('leaves the vault as it is when it cannot be written', async () => {
    await use(old, async (vault) => {
      await rm(`${file}.previous`)
      await mkdir(join(`${file}.previous`, 'full'), { recursive: true })
      await assert.rejects(vault.rewrap(next))
      await assertAllSign(vault)
      await rm(`${file}.previous`, { recursive: true })
      await vault.generate('c')
    })
    await use(old, assertAllSign)
  })

  it('leaves the vault as it is when the new KEK wraps and does not open, or cannot be had', async () => {
    const before = await readFile(file)
    const oneWay: KekSource = {
      async open(parameters) {
        const kek: Kek = await next.open(parameters)
        return { ...kek, unwrap: async () => undefined }
      },
    }
    await use(old, async (vault) => {
      await assert.rejects(vault.rewrap(oneWay), {
        code: 'ERR_KEYS_KEK_WRONG',
        message: /^KEK file:[0-9a-f]{16} does not open what it has wrapped$/,
      })
      await assert.rejects(vault.rewrap(kekFromFile(join(folder(), 'absent'))), {
        code: 'ERR_KEYS_KEK_FILE',
      })
      await assertAllSign(vault)
    })
    assert.deepEqual(await readFile(file), before)
    const fresh = { file: join(folder(), 'fresh.json'), kek: oneWay, now }
    await assert.rejects(openVault(fresh), { code: 'ERR_KEYS_KEK_WRONG' })
  })

  it('opens with the one KEK or the other after its process was killed', async function () {
    this.timeout(120_000)
    const program = new URL('./rewrap-child.ts', import.meta.url)
    for (let round = 0; round < 3; round++) {
      const child = startChild(program, file, join(folder(), 'old'), join(folder(), 'next'))
      try {
        for (let count = 0; count <= round * 2; count++) await child.next()
      } finally {
        await child.kill()
      }
      const { kek } = await stored()
      const { id } = await old.open(undefined)
      await use(kek.id === id ? old : next, async (vault) => {
        await assertAllSign(vault)
        if (kek.id !== id) await vault.rewrap(old)
      })
    }
  })
})
