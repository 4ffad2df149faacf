import assert from 'node:assert/strict'
import { pinnedOf } from '@sallyport/keys/hostkeys'
import type { PublicKey } from '@sallyport/keys/publickey'
import fc from 'fast-check'
import { startChild } from '../durable/child.ts'
import { hostKeys } from './keys.ts'
import { actor, by, pinned, print, storeRig } from './store-rig.ts'

const [first, second, third] = hostKeys(3)
assert.ok(first && second && third)

describe('the store of host keys, when things go wrong', () => {
  const rig = storeRig()

  describe('a disk that does not take it', () => {
    beforeEach(async () => {
      await rig.store.pin('web-1', [pinned(first)], 'paste', actor)
      await rig.store.addCandidates('web-1', [second], 'scan', by)
    })

    it('widens no trust', async () => {
      await rig.store.quarantine('web-2', { expected: [], offered: 'x' }).written
      const mend = await rig.breakDisk()
      const failure = { code: 'EISDIR' }
      await assert.rejects(rig.store.approve('web-1', print(second), actor), failure)
      await assert.rejects(rig.store.pin('web-1', [pinned(third)], 'paste', actor), failure)
      await assert.rejects(rig.store.release('web-2'), failure)
      assert.deepEqual([rig.accepts(second), rig.accepts(third)], [false, false])
      assert.notEqual(rig.store.isQuarantined('web-2'), undefined)
      await mend()
      await rig.store.approve('web-1', print(second), actor)
      assert.equal(rig.accepts(second), true)
    })

    it('does not keep a revocation or a quarantine from being in force', async () => {
      const mend = await rig.breakDisk()
      const revoked = rig.store.revoke('web-1', print(first), actor)
      const quarantined = rig.store.quarantine('web-1', { expected: [], offered: 'x' })
      const failure = { code: 'EISDIR' }
      await assert.rejects(revoked.written, failure)
      await assert.rejects(quarantined.written, failure)
      assert.equal(rig.accepts(first), false)
      assert.notEqual(rig.store.isQuarantined('web-1'), undefined)
      await mend()
      await rig.store.addCandidates('web-1', [third], 'scan', by)
      await rig.reopen()
      assert.equal(rig.accepts(first), false)
      assert.notEqual(rig.store.isQuarantined('web-1'), undefined)
    })
  })

  it('revokes at once what is just being approved', async () => {
    await rig.store.addCandidates('web-1', [first], 'scan', by)
    const approved = rig.store.approve('web-1', print(first), actor)
    // It is being written by then, and not yet in force.
    await new Promise(setImmediate)
    assert.equal(rig.accepts(first), false)
    const { written } = rig.store.revoke('web-1', print(first), actor)
    await Promise.all([approved, written])
    assert.equal(rig.accepts(first), false)
    await rig.reopen()
    assert.equal(rig.accepts(first), false)
  })

  it('has everything that it said was written when it is killed', async () => {
    await rig.store.close()
    const program = new URL('./store-child.ts', import.meta.url)
    const said: { readonly approved: string; readonly quarantined: string }[] = []
    for (const rounds of [1, 2, 5]) {
      const child = startChild(program, rig.file())
      for (let round = 0; round < rounds; round += 1) said.push((await child.next()) as never)
      await child.kill()
      rig.store = await rig.open()
      const names = pinnedOf(rig.store.records('web-1'), 'key').map(print)
      for (const { approved, quarantined } of said) {
        assert.ok(names.includes(approved))
        assert.notEqual(rig.store.isQuarantined(quarantined), undefined)
      }
      await rig.store.close()
    }
    rig.store = await rig.open()
  })

  it('trusts what people chose and nothing else, in whatever order things happen', async () => {
    const keys = hostKeys(4)
    const which = fc.nat({ max: 3 })
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('pin', 'scan', 'approve', 'revoke', 'mismatch'), which }),
      fc.record({ do: fc.constantFrom('release', 'reopen', 'break', 'mend'), which }),
    )
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const name = `target-${(round += 1)}`
        const trusted = new Set<PublicKey>()
        const revoked = new Set<PublicKey>()
        const known = new Set<PublicKey>()
        let shown: PublicKey | undefined
        let mend: (() => Promise<void>) | undefined
        for (const { do: verb, which: index } of steps) {
          const key = keys[index]
          assert.ok(key)
          const works = mend === undefined
          // A disk that is broken is none of our concern here, only what is in force then.
          const settle = async (running: Promise<unknown>): Promise<unknown> =>
            running.catch(() => {})
          switch (verb) {
            case 'pin':
              await settle(rig.store.pin(name, [pinned(key)], 'paste', actor))
              if (works && !revoked.has(key)) trusted.add(key)
              if (works && !revoked.has(key)) known.add(key)
              break
            case 'scan':
              await settle(rig.store.addCandidates(name, [key], 'scan', by))
              if (works) known.add(key)
              break
            case 'approve': {
              const candidate = known.has(key) || shown === key
              await settle(rig.store.approve(name, print(key), actor))
              if (!works || !candidate || revoked.has(key) || trusted.has(key)) break
              trusted.add(key)
              known.add(key)
              shown = undefined
              break
            }
            case 'revoke':
              await settle(rig.store.revoke(name, print(key), actor).written)
              if (!known.has(key) && shown !== key) break
              trusted.delete(key)
              revoked.add(key)
              known.add(key)
              break
            case 'mismatch': {
              const offered = { expected: [], offered: print(key), publicKey: key }
              await settle(rig.store.quarantine(name, offered).written)
              shown ??= key
              break
            }
            case 'release':
              await settle(rig.store.release(name))
              if (works) shown = undefined
              break
            case 'reopen':
              // What is in force and not written is only kept by a process that lives on.
              if (works) await rig.reopen()
              break
            case 'break':
              mend ??= await rig.breakDisk()
              break
            case 'mend':
              await mend?.()
              if (mend !== undefined) await rig.store.addCandidates(`${name}-x`, [], 'scan', by)
              mend = undefined
              break
          }
          assert.deepEqual(
            keys.filter((each) => rig.accepts(each, name)),
            keys.filter((each) => trusted.has(each)),
          )
          assert.equal(rig.store.isQuarantined(name)?.offered, shown && print(shown))
        }
        await mend?.()
        await rig.store.addCandidates(`${name}-x`, [], 'scan', by)
      }),
      { numRuns: 60 },
    )
  })
})
