import assert from 'node:assert/strict'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { authorityKinds, openAuthorities } from '@sallyport/keys/authority'
import type { Authorities } from '@sallyport/keys/authority'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import { createKekFile } from '@sallyport/keys/vault'
import { startChild } from '../durable/child.ts'
import type { Child } from '../durable/child.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { plainFolder } from './plain-folder.ts'
import type { WrittenKey } from './plain-folder.ts'
import { vaultIn } from './vault-in.ts'

describe('authorities whose process is killed', function () {
  this.timeout(300_000)
  const folder = scratchFolder()
  let child: Child

  before(async () => {
    child = startChild(new URL('./crash-child.ts', import.meta.url))
    assert.equal(await child.next(), 'ready')
  })
  after(async () => child.kill())

  async function newFolder(name: string): Promise<string> {
    const root = join(folder(), name)
    await mkdir(root)
    await createKekFile(join(root, 'kek'))
    return root
  }

  /** Lets the child do that many acts; returns whether it came to its end before. */
  async function runUntil(root: string, acts: number, change = false): Promise<boolean> {
    child.process.send([root, acts, change])
    const outcome = await child.next()
    assert.ok(outcome === 'done' || outcome === 'killed', String(outcome))
    return outcome === 'done'
  }

  async function within<T>(root: string, use: (all: Authorities) => Promise<T> | T): Promise<T> {
    const vault = await vaultIn(root)
    try {
      const all = await openAuthorities({ folder: root, keys: vault.authorityKeys, now: () => 0 })
      try {
        return await use(all)
      } finally {
        await all.close()
      }
    } finally {
      await vault.close()
    }
  }

  async function assertNothingPlain(root: string, keys: readonly WrittenKey[]): Promise<void> {
    for (const name of await readdir(root)) {
      assert.equal(/-ca/.test(name), false, name)
      const bytes = await readFile(join(root, name))
      for (const { key } of keys) {
        const der = key.export({ format: 'der', type: 'pkcs8' })
        assert.equal(bytes.includes(der.toString('base64')), false, name)
        assert.equal(bytes.includes(der.subarray(16)), false, name)
      }
    }
  }

  it('lose no key while plain files are taken in, whichever act was the last', async () => {
    let acts = 0
    for (let done = false; !done; acts++) {
      const root = await newFolder(`taken-in-${acts}`)
      const keys = plainFolder(root)
      done = await runUntil(root, acts + 1)
      await within(root, (all) => {
        for (const kind of authorityKinds) {
          const { key } =
            keys.find((one) => one.kind === kind && one.state === 'active') ?? assert.fail()
          assert.deepEqual(all[kind].publicKey.blob, publicKeyFrom(key).blob)
        }
        assert.deepEqual(
          [all.user.trusted().length, all.upstream.published().length],
          [2, 2],
          `after act ${acts + 1}`,
        )
      })
      await assertNothingPlain(root, keys)
    }
    // The vault, its generation and its copy are written, and five files are removed.
    assert.ok(acts > 8, `only ${acts} acts`)
  })

  it('are made again, or go on with what was made, when they are killed at their first start', async () => {
    for (let acts = 1, done = false; !done; acts++) {
      const root = await newFolder(`first-${acts}`)
      done = await runUntil(root, acts)
      const blobs = (): Promise<readonly string[]> =>
        within(root, (all) =>
          authorityKinds.map((kind) => all[kind].publicKey.blob.toString('hex')),
        )
      const first = await blobs()
      assert.equal(new Set(first).size, 3)
      assert.deepEqual(await blobs(), first)
    }
  })

  it('have one active key, and no signer for a retired one, whichever act of a change was the last', async () => {
    for (let acts = 1, done = false; !done; acts++) {
      const root = await newFolder(`change-${acts}`)
      await within(root, () => {})
      done = await runUntil(root, acts, true)
      await within(root, async ({ host }) => {
        const states = host
          .keys()
          .map(({ version, state }) => `${version} ${state}`)
          .join(', ')
        assert.ok(
          ['1 active', '1 active, 2 next', '1 retiring, 2 active', '1 retired, 2 active'].includes(
            states,
          ),
          states,
        )
        // And the change can be carried to its end from there.
        if (states === '1 active') await host.addNext()
        if (host.next() !== undefined) await host.promote([])
        await host.retire(0)
        assert.deepEqual(
          host.keys().map(({ state }) => state),
          ['retired', 'active'],
        )
      })
      const vault = await vaultIn(root)
      const versions = vault.authorityKeys.list().filter(({ name }) => name === 'host')
      await vault.close()
      assert.deepEqual(
        versions.map(({ version }) => version),
        [2],
      )
    }
  })
})
