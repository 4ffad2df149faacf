import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import type { PublicKey } from '@sallyport/keys/publickey'
import { hostKeys } from './keys.ts'
import { actor, by, pinned, print, storeRig } from './store-rig.ts'

const [first, second, third] = hostKeys(3)
assert.ok(first && second && third)

describe('the store of host keys', () => {
  const rig = storeRig()
  const states = (name = 'web-1'): readonly string[] =>
    rig.store.records(name).map(({ kind, state, source }) => `${state} ${kind} ${source}`)

  it('keeps what it is told, in a file for its owner alone', async () => {
    await rig.store.pin('web-1', [pinned(first)], 'known_hosts', actor)
    await rig.store.addCandidates('web-1', [second], 'scan', by)
    await rig.store.pin('web-2', [pinned(third, 'authority')], 'paste', actor)
    await rig.store.revoke('web-1', print(second), actor).written
    await rig.store.quarantine('web-2', { expected: ['a'], offered: 'b', publicKey: first }).written
    const before = [
      rig.store.records('web-1'),
      rig.store.records('web-2'),
      rig.store.isQuarantined('web-2'),
    ]
    await rig.reopen()
    const after = [
      rig.store.records('web-1'),
      rig.store.records('web-2'),
      rig.store.isQuarantined('web-2'),
    ]
    assert.deepEqual(after, before)
    assert.equal(((await stat(rig.file())).mode & 0o777).toString(8), '600')
    assert.deepEqual(states(), ['pinned key known_hosts', 'revoked key scan'])
    assert.deepEqual(rig.store.records('nobody'), [])
  })

  it('lets no second writer in', async () => {
    await assert.rejects(rig.open(), { code: 'ERR_KEYS_FILE_LOCKED' })
  })

  it('takes nothing for an empty list that is not one', async () => {
    await rig.store.pin('web-1', [pinned(first)], 'paste', actor)
    await rig.store.close()
    const whole = await readFile(rig.file(), 'utf8')
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
      await writeFile(rig.file(), whole.replace(from, to))
      await assert.rejects(rig.open(), { code: 'ERR_KEYS_FILE_CORRUPT' }, from)
    }
    await writeFile(rig.file(), whole)
    rig.store = await rig.open()
  })

  describe('pins of the configuration', () => {
    beforeEach(async () => {
      rig.configured = new Map([['web-1', [first]]])
      await rig.reopen()
    })

    it('count as long as they stand there', async () => {
      assert.deepEqual(states(), ['pinned key config'])
      await rig.store.seen('web-1', first)
      rig.configured = new Map([['web-1', [second]]])
      await rig.reopen()
      assert.deepEqual([rig.accepts(first), rig.accepts(second)], [false, true])
      assert.deepEqual(states(), ['pinned key config'])
    })

    it('do not undo a revocation, however often they are read', async () => {
      await rig.store.revoke('web-1', print(first), actor).written
      await rig.reopen()
      await rig.reopen()
      assert.equal(rig.accepts(first), false)
      assert.deepEqual(states(), ['revoked key config'])
    })

    it('make a candidate a pin, and leave a pin of the store alone', async () => {
      await rig.store.addCandidates('web-1', [second], 'update', by)
      await rig.store.pin('web-1', [pinned(third)], 'paste', actor)
      rig.configured = new Map([['web-1', [second, third]]])
      await rig.reopen()
      assert.deepEqual(states(), ['pinned key config', 'pinned key paste'])
      rig.configured = new Map()
      await rig.reopen()
      assert.deepEqual([rig.accepts(second), rig.accepts(third)], [false, true])
    })
  })

  describe('candidates', () => {
    it('count for nothing until one is approved by its fingerprint', async () => {
      await rig.store.addCandidates('web-1', [first, second], 'scan', by)
      assert.equal(rig.accepts(first), false)
      rig.now += 1000
      const outcome = await rig.store.approve('web-1', print(first), actor)
      assert.equal(outcome.kind, 'done')
      assert.deepEqual([rig.accepts(first), rig.accepts(second)], [true, false])
      const [record] = rig.store.records('web-1')
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
      await rig.store.pin('web-1', [pinned(first)], 'paste', actor)
      rig.now += 5000
      const outcome = await rig.store.addCandidates('web-1', [first], 'update', 'the target')
      assert.deepEqual(outcome, { kind: 'done', records: [] })
      const [record] = rig.store.records('web-1')
      assert.equal(record?.state, 'pinned')
      assert.equal(record.lastSeen, '2026-01-01T00:00:05.000Z')
      assert.equal(record.by, by)
    })

    it('of the target itself push out one another, and nothing that people brought', async () => {
      await rig.store.addCandidates('web-1', hostKeys(3), 'scan', by)
      for (let round = 0; round < 10; round += 1) {
        rig.now += 1000
        await rig.store.addCandidates('web-1', hostKeys(16), 'update', 'the target')
      }
      const sources = rig.store.records('web-1').map(({ source }) => source)
      assert.equal(sources.filter((source) => source === 'scan').length, 3)
      assert.equal(sources.filter((source) => source === 'update').length, 16)
    })

    it('are not approved when there are none, when they are pinned, or revoked', async () => {
      const refusal = async (key: PublicKey): Promise<string> => {
        const outcome = await rig.store.approve('web-1', print(key), actor)
        return outcome.kind === 'refused' ? outcome.message : outcome.kind
      }
      await rig.store.pin('web-1', [pinned(first), pinned(third, 'authority')], 'paste', actor)
      await rig.store.addCandidates('web-1', [second], 'scan', by)
      await rig.store.revoke('web-1', print(second), actor).written
      assert.equal(await refusal(first), `key ${print(first)} is pinned already`)
      assert.equal(await refusal(second), `key ${print(second)} is revoked`)
      assert.equal(await refusal(third), `there is no candidate ${print(third)}`)
    })
  })

  it('pins all or nothing: not beside a key that is revoked', async () => {
    await rig.store.pin('web-1', [{ ...pinned(first), state: 'revoked' }], 'known_hosts', actor)
    const outcome = await rig.store.pin('web-1', [pinned(second), pinned(first)], 'paste', actor)
    assert.deepEqual(outcome, { kind: 'refused', message: `key ${print(first)} is revoked` })
    assert.deepEqual(states(), ['revoked key known_hosts'])
  })

  it('writes down when a key was seen once an hour', async () => {
    await rig.store.pin('web-1', [pinned(first)], 'paste', actor)
    const lastSeen = (): string | undefined => rig.store.records('web-1')[0]?.lastSeen
    for (const [later, expected] of [
      [0, '2026-01-01T00:00:00.000Z'],
      [3599_000, '2026-01-01T00:00:00.000Z'],
      [2000, '2026-01-01T01:00:01.000Z'],
    ] as const) {
      rig.now += later
      await rig.store.seen('web-1', first)
      assert.equal(lastSeen(), expected)
    }
    await rig.reopen()
    assert.equal(lastSeen(), '2026-01-01T01:00:01.000Z')
  })

  describe('quarantine', () => {
    const mismatch = { expected: [print(first)], offered: print(second), publicKey: second }

    it('stands from its first day on until it is ended, over a restart', async () => {
      const { outcome, written } = rig.store.quarantine('web-1', mismatch)
      assert.equal(rig.store.isQuarantined('web-1'), outcome)
      await written
      rig.now += 60_000
      const later = rig.store.quarantine('web-1', { expected: [], offered: print(third) })
      assert.equal(later.outcome, outcome)
      await later.written
      await rig.reopen()
      assert.deepEqual(rig.store.isQuarantined('web-1'), outcome)
      assert.equal(rig.store.isQuarantined('web-2'), undefined)
      assert.equal((await rig.store.release('web-1')).kind, 'done')
      await rig.reopen()
      assert.equal(rig.store.isQuarantined('web-1'), undefined)
      assert.equal((await rig.store.release('web-1')).kind, 'refused')
    })

    it('ends when the key that was shown is approved', async () => {
      await rig.store.pin('web-1', [pinned(first)], 'paste', actor)
      await rig.store.quarantine('web-1', mismatch).written
      await rig.store.approve('web-1', print(second), actor)
      assert.equal(rig.store.isQuarantined('web-1'), undefined)
      assert.deepEqual([rig.accepts(first), rig.accepts(second)], [true, true])
    })

    it('does not end by a pin, a scan, a revocation, or an approval that is refused', async () => {
      await rig.store.quarantine('web-1', mismatch).written
      await rig.store.pin('web-1', [pinned(first)], 'paste', actor)
      await rig.store.addCandidates('web-1', [third], 'scan', by)
      await rig.store.approve('web-1', print(first), actor)
      await rig.store.revoke('web-1', print(second), actor).written
      await rig.store.approve('web-1', print(second), actor)
      assert.deepEqual(rig.store.isQuarantined('web-1')?.offered, print(second))
      assert.equal(rig.accepts(second), false)
    })
  })
})
