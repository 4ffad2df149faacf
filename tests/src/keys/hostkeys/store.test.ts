import assert from 'node:assert/strict'
import { mkdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkHostKey, openHostKeyStore, pinnedOf } from '@sallyport/keys/hostkeys'
import type { HostKeyStore } from '@sallyport/keys/hostkeys'
import { fingerprint } from '@sallyport/keys/publickey'
import type { PublicKey } from '@sallyport/keys/publickey'
import fc from 'fast-check'
import { startChild } from '../durable/child.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { hostKeys } from './keys.ts'

const by = 'a test'
const actor = { by, reason: 'because' }
const [first, second, third] = hostKeys(3)
assert.ok(first && second && third)

function pinned(publicKey: PublicKey, kind: 'key' | 'authority' = 'key') {
  return { kind, state: 'pinned', publicKey } as const
}

function print({ blob }: PublicKey): string {
  return fingerprint(blob)
}

describe('the store of host keys', () => {
  const folder = scratchFolder()
  let now: number
  let store: HostKeyStore
  let configured: Map<string, readonly PublicKey[]>

  const file = (): string => join(folder(), 'hostkeys.json')
  const open = async (): Promise<HostKeyStore> =>
    openHostKeyStore({ file: file(), configured, now: () => now })
  const reopen = async (): Promise<void> => {
    await store.close()
    store = await open()
  }
  const states = (name = 'web-1'): readonly string[] =>
    store.records(name).map(({ kind, state, source }) => `${state} ${kind} ${source}`)
  const accepts = (publicKey: PublicKey, name = 'web-1'): boolean => {
    const records = store.records(name)
    const question = { records, hostKey: publicKey.blob, names: [name], now: now / 1000 }
    return checkHostKey(question).kind === 'pinned'
  }
  /** Has every write fail until what it returns is called. */
  const breakDisk = async (): Promise<() => Promise<void>> => {
    const inTheWay = `${file()}.previous.new`
    await mkdir(inTheWay)
    return async () => rmdir(inTheWay)
  }

  beforeEach(async () => {
    now = Date.parse('2026-01-01T00:00:00Z')
    configured = new Map()
    store = await open()
  })
  afterEach(async () => store.close())

  it('keeps what it is told, in a file for its owner alone', async () => {
    await store.pin('web-1', [pinned(first)], 'known_hosts', actor)
    await store.addCandidates('web-1', [second], 'scan', by)
    await store.pin('web-2', [pinned(third, 'authority')], 'paste', actor)
    await store.revoke('web-1', print(second), actor).written
    await store.quarantine('web-2', { expected: ['a'], offered: 'b', publicKey: first }).written
    const before = [store.records('web-1'), store.records('web-2'), store.isQuarantined('web-2')]
    await reopen()
    const after = [store.records('web-1'), store.records('web-2'), store.isQuarantined('web-2')]
    assert.deepEqual(after, before)
    assert.equal(((await stat(file())).mode & 0o777).toString(8), '600')
    assert.deepEqual(states(), ['pinned key known_hosts', 'revoked key scan'])
    assert.deepEqual(store.records('nobody'), [])
  })

  it('lets no second writer in', async () => {
    await assert.rejects(open(), { code: 'ERR_KEYS_FILE_LOCKED' })
  })

  it('takes nothing for an empty list that is not one', async () => {
    await store.pin('web-1', [pinned(first)], 'paste', actor)
    await store.close()
    const whole = await readFile(file(), 'utf8')
    for (const [from, to] of [
      ['sallyport-hostkeys/1', 'sallyport-hostkeys/2'],
      ['"state": "pinned"', '"state": "trusted"'],
      ['"kind": "key"', '"kind": "key", "also": 1'],
      ['"source": "paste"', '"source": 1'],
      ['SHA256:', 'SHA256:x'],
      ['"at": "2026', '"at": "last year'],
      ['"name": "web-1"', '"name": ""'],
      ['ssh-ed25519 A', 'ssh-ed25519 B'],
      [whole.slice(-20), ''],
    ] as const) {
      assert.ok(whole.includes(from), from)
      await writeFile(file(), whole.replace(from, to))
      await assert.rejects(open(), { code: 'ERR_KEYS_FILE_CORRUPT' }, from)
    }
    await writeFile(file(), whole)
    store = await open()
  })

  describe('pins of the configuration', () => {
    beforeEach(async () => {
      configured = new Map([['web-1', [first]]])
      await reopen()
    })

    it('count as long as they stand there', async () => {
      assert.deepEqual(states(), ['pinned key config'])
      await store.seen('web-1', first)
      configured = new Map([['web-1', [second]]])
      await reopen()
      assert.deepEqual([accepts(first), accepts(second)], [false, true])
      assert.deepEqual(states(), ['pinned key config'])
    })

    it('do not undo a revocation, however often they are read', async () => {
      await store.revoke('web-1', print(first), actor).written
      await reopen()
      await reopen()
      assert.equal(accepts(first), false)
      assert.deepEqual(states(), ['revoked key config'])
    })

    it('make a candidate a pin, and leave a pin of the store alone', async () => {
      await store.addCandidates('web-1', [second], 'update', by)
      await store.pin('web-1', [pinned(third)], 'paste', actor)
      configured = new Map([['web-1', [second, third]]])
      await reopen()
      assert.deepEqual(states(), ['pinned key config', 'pinned key paste'])
      configured = new Map()
      await reopen()
      assert.deepEqual([accepts(second), accepts(third)], [false, true])
    })
  })

  describe('candidates', () => {
    it('count for nothing until one is approved by its fingerprint', async () => {
      await store.addCandidates('web-1', [first, second], 'scan', by)
      assert.equal(accepts(first), false)
      now += 1000
      const outcome = await store.approve('web-1', print(first), actor)
      assert.equal(outcome.kind, 'done')
      assert.deepEqual([accepts(first), accepts(second)], [true, false])
      const [record] = store.records('web-1')
      const { reason, at, firstSeen, source } = record ?? {}
      assert.deepEqual(
        { reason, at, firstSeen, source },
        {
          reason: 'because',
          at: '2026-01-01T00:00:01.000Z',
          firstSeen: '2026-01-01T00:00:00.000Z',
          source: 'scan',
        },
      )
    })

    it('do not change what is known already, but for when it was seen', async () => {
      await store.pin('web-1', [pinned(first)], 'paste', actor)
      now += 5000
      const outcome = await store.addCandidates('web-1', [first], 'update', 'the target')
      assert.deepEqual(outcome, { kind: 'done', records: [] })
      const [record] = store.records('web-1')
      assert.equal(record?.state, 'pinned')
      assert.equal(record.lastSeen, '2026-01-01T00:00:05.000Z')
      assert.equal(record.by, by)
    })

    it('of the target itself push out one another, and nothing that people brought', async () => {
      await store.addCandidates('web-1', hostKeys(3), 'scan', by)
      for (let round = 0; round < 10; round += 1) {
        now += 1000
        await store.addCandidates('web-1', hostKeys(16), 'update', 'the target')
      }
      const sources = store.records('web-1').map(({ source }) => source)
      assert.equal(sources.filter((source) => source === 'scan').length, 3)
      assert.equal(sources.filter((source) => source === 'update').length, 16)
    })

    it('are not approved when there are none, when they are pinned, or revoked', async () => {
      const refusal = async (key: PublicKey): Promise<string> => {
        const outcome = await store.approve('web-1', print(key), actor)
        return outcome.kind === 'refused' ? outcome.message : outcome.kind
      }
      await store.pin('web-1', [pinned(first), pinned(third, 'authority')], 'paste', actor)
      await store.addCandidates('web-1', [second], 'scan', by)
      await store.revoke('web-1', print(second), actor).written
      assert.equal(await refusal(first), `key ${print(first)} is pinned already`)
      assert.equal(await refusal(second), `key ${print(second)} is revoked`)
      assert.equal(await refusal(third), `there is no candidate ${print(third)}`)
    })
  })

  it('pins all or nothing: not beside a key that is revoked', async () => {
    await store.pin('web-1', [{ ...pinned(first), state: 'revoked' }], 'known_hosts', actor)
    const outcome = await store.pin('web-1', [pinned(second), pinned(first)], 'paste', actor)
    assert.deepEqual(outcome, { kind: 'refused', message: `key ${print(first)} is revoked` })
    assert.deepEqual(states(), ['revoked key known_hosts'])
  })

  it('writes down when a key was seen once an hour', async () => {
    await store.pin('web-1', [pinned(first)], 'paste', actor)
    const lastSeen = (): string | undefined => store.records('web-1')[0]?.lastSeen
    for (const [later, expected] of [
      [0, '2026-01-01T00:00:00.000Z'],
      [3599_000, '2026-01-01T00:00:00.000Z'],
      [2000, '2026-01-01T01:00:01.000Z'],
    ] as const) {
      now += later
      await store.seen('web-1', first)
      assert.equal(lastSeen(), expected)
    }
    await reopen()
    assert.equal(lastSeen(), '2026-01-01T01:00:01.000Z')
  })

  describe('quarantine', () => {
    const mismatch = { expected: [print(first)], offered: print(second), publicKey: second }

    it('stands from its first day on until it is ended, over a restart', async () => {
      const { outcome, written } = store.quarantine('web-1', mismatch)
      assert.equal(store.isQuarantined('web-1'), outcome)
      await written
      now += 60_000
      const later = store.quarantine('web-1', { expected: [], offered: print(third) })
      assert.equal(later.outcome, outcome)
      await later.written
      await reopen()
      assert.deepEqual(store.isQuarantined('web-1'), outcome)
      assert.equal(store.isQuarantined('web-2'), undefined)
      assert.equal((await store.release('web-1')).kind, 'done')
      await reopen()
      assert.equal(store.isQuarantined('web-1'), undefined)
      assert.equal((await store.release('web-1')).kind, 'refused')
    })

    it('ends when the key that was shown is approved', async () => {
      await store.pin('web-1', [pinned(first)], 'paste', actor)
      await store.quarantine('web-1', mismatch).written
      await store.approve('web-1', print(second), actor)
      assert.equal(store.isQuarantined('web-1'), undefined)
      assert.deepEqual([accepts(first), accepts(second)], [true, true])
    })

    it('does not end by a pin, a scan, a revocation, or an approval that is refused', async () => {
      await store.quarantine('web-1', mismatch).written
      await store.pin('web-1', [pinned(first)], 'paste', actor)
      await store.addCandidates('web-1', [third], 'scan', by)
      await store.approve('web-1', print(first), actor)
      await store.revoke('web-1', print(second), actor).written
      await store.approve('web-1', print(second), actor)
      assert.deepEqual(store.isQuarantined('web-1')?.offered, print(second))
      assert.equal(accepts(second), false)
    })
  })

  describe('a disk that does not take it', () => {
    beforeEach(async () => {
      await store.pin('web-1', [pinned(first)], 'paste', actor)
      await store.addCandidates('web-1', [second], 'scan', by)
    })

    it('widens no trust', async () => {
      await store.quarantine('web-2', { expected: [], offered: 'x' }).written
      const mend = await breakDisk()
      const failure = { code: 'EISDIR' }
      await assert.rejects(store.approve('web-1', print(second), actor), failure)
      await assert.rejects(store.pin('web-1', [pinned(third)], 'paste', actor), failure)
      await assert.rejects(store.release('web-2'), failure)
      assert.deepEqual([accepts(second), accepts(third)], [false, false])
      assert.notEqual(store.isQuarantined('web-2'), undefined)
      await mend()
      await store.approve('web-1', print(second), actor)
      assert.equal(accepts(second), true)
    })

    it('does not keep a revocation or a quarantine from being in force', async () => {
      const mend = await breakDisk()
      const revoked = store.revoke('web-1', print(first), actor)
      const quarantined = store.quarantine('web-1', { expected: [], offered: 'x' })
      const failure = { code: 'EISDIR' }
      await assert.rejects(revoked.written, failure)
      await assert.rejects(quarantined.written, failure)
      assert.equal(accepts(first), false)
      assert.notEqual(store.isQuarantined('web-1'), undefined)
      await mend()
      await store.addCandidates('web-1', [third], 'scan', by)
      await reopen()
      assert.equal(accepts(first), false)
      assert.notEqual(store.isQuarantined('web-1'), undefined)
    })
  })

  it('revokes at once what is just being approved', async () => {
    await store.addCandidates('web-1', [first], 'scan', by)
    const approved = store.approve('web-1', print(first), actor)
    // It is being written by then, and not yet in force.
    await new Promise(setImmediate)
    assert.equal(accepts(first), false)
    const { written } = store.revoke('web-1', print(first), actor)
    await Promise.all([approved, written])
    assert.equal(accepts(first), false)
    await reopen()
    assert.equal(accepts(first), false)
  })

  it('has everything that it said was written when it is killed', async () => {
    await store.close()
    const program = new URL('./store-child.ts', import.meta.url)
    const said: { readonly approved: string; readonly quarantined: string }[] = []
    for (const rounds of [1, 2, 5]) {
      const child = startChild(program, file())
      for (let round = 0; round < rounds; round += 1) said.push((await child.next()) as never)
      await child.kill()
      store = await open()
      const names = pinnedOf(store.records('web-1'), 'key').map(print)
      for (const { approved, quarantined } of said) {
        assert.ok(names.includes(approved))
        assert.notEqual(store.isQuarantined(quarantined), undefined)
      }
      await store.close()
    }
    store = await open()
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
              await settle(store.pin(name, [pinned(key)], 'paste', actor))
              if (works && !revoked.has(key)) trusted.add(key)
              if (works && !revoked.has(key)) known.add(key)
              break
            case 'scan':
              await settle(store.addCandidates(name, [key], 'scan', by))
              if (works) known.add(key)
              break
            case 'approve': {
              const candidate = known.has(key) || shown === key
              await settle(store.approve(name, print(key), actor))
              if (!works || !candidate || revoked.has(key) || trusted.has(key)) break
              trusted.add(key)
              known.add(key)
              shown = undefined
              break
            }
            case 'revoke':
              await settle(store.revoke(name, print(key), actor).written)
              if (!known.has(key) && shown !== key) break
              trusted.delete(key)
              revoked.add(key)
              known.add(key)
              break
            case 'mismatch': {
              const offered = { expected: [], offered: print(key), publicKey: key }
              await settle(store.quarantine(name, offered).written)
              shown ??= key
              break
            }
            case 'release':
              await settle(store.release(name))
              if (works) shown = undefined
              break
            case 'reopen':
              // What is in force and not written is only kept by a process that lives on.
              if (works) await reopen()
              break
            case 'break':
              mend ??= await breakDisk()
              break
            case 'mend':
              await mend?.()
              if (mend !== undefined) await store.addCandidates(`${name}-x`, [], 'scan', by)
              mend = undefined
              break
          }
          assert.deepEqual(
            keys.filter((each) => accepts(each, name)),
            keys.filter((each) => trusted.has(each)),
          )
          assert.equal(store.isQuarantined(name)?.offered, shown && print(shown))
        }
        await mend?.()
        await store.addCandidates(`${name}-x`, [], 'scan', by)
      }),
      { numRuns: 60 },
    )
  })
})
