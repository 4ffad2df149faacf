import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  addNext,
  noteVerified,
  promote,
  retire,
  rollBack,
  type AuthorityKey,
  type AuthorityKeyState,
  type Succession,
} from '@sallyport/keys/authority'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()

const first: readonly AuthorityKey[] = [
  { version: 1, state: 'active', publicKeyLine: 'key 1', since: at(0), verified: [] },
]

function changed(outcome: Succession): readonly AuthorityKey[] {
  assert.equal(outcome.kind, 'changed', JSON.stringify(outcome))
  return outcome.kind === 'changed' ? outcome.keys : []
}

function refused(outcome: Succession): string {
  assert.equal(outcome.kind, 'refused', JSON.stringify(outcome))
  return outcome.kind === 'refused' ? outcome.message : ''
}

const states = (keys: readonly AuthorityKey[]): string =>
  keys.map(({ version, state }) => `${version} ${state}`).join(', ')

describe('the succession of keys', () => {
  it('goes from next to active to retiring to retired', () => {
    const added = changed(addNext(first, 'key 2', at(1)))
    assert.equal(states(added), '1 active, 2 next')
    const promoted = changed(promote(added, [], at(2)))
    assert.equal(states(promoted), '1 retiring, 2 active')
    const retired = changed(retire(promoted, 60, at(62)))
    assert.equal(states(retired), '1 retired, 2 active')
    assert.deepEqual(
      retired.map(({ since }) => since),
      [at(62), at(2)],
    )
    assert.equal(states(changed(addNext(retired, 'key 3', at(63)))), '1 retired, 2 active, 3 next')
  })

  it('promotes only what was verified by everything that is required', () => {
    const added = changed(addNext(first, 'key 2', at(1)))
    const some = changed(noteVerified(added, 2, 'a@web', at(2)))
    assert.equal(
      refused(promote(some, ['a@web', 'b@web', 'c@web'], at(3))),
      'not verified yet with version 2: b@web; c@web',
    )
    const all = changed(noteVerified(some, 2, 'b@web', at(3)))
    assert.equal(states(changed(promote(all, ['a@web', 'b@web'], at(4)))), '1 retiring, 2 active')
  })

  it('notes nothing of a key that is not next, and each thing once', () => {
    assert.equal(refused(noteVerified(first, 1, 'a@web', at(1))), 'version 1 is not next')
    let keys = changed(addNext(first, 'key 2', at(1)))
    for (const second of [2, 3]) keys = changed(noteVerified(keys, 2, 'a@web', at(second)))
    assert.deepEqual(keys[1]?.verified, [{ what: 'a@web', at: at(3) }])
  })

  it('goes back to the retiring key, and then wants the other verified anew', () => {
    const added = changed(addNext(first, 'key 2', at(1)))
    const verified = changed(noteVerified(added, 2, 'a@web', at(2)))
    const promoted = changed(promote(verified, ['a@web'], at(3)))
    const back = changed(rollBack(promoted, at(4)))
    assert.equal(states(back), '1 active, 2 next')
    assert.match(refused(promote(back, ['a@web'], at(5))), /^not verified yet with version 2/)
  })

  it('says why a step cannot be taken', () => {
    const added = changed(addNext(first, 'key 2', at(1)))
    const promoted = changed(promote(added, [], at(2)))
    const both = changed(addNext(promoted, 'key 3', at(3)))
    for (const [outcome, message] of [
      [promote(first, [], at(1)), 'no key is next; make one first'],
      [retire(first, 0, at(1)), 'no key is retiring'],
      [rollBack(first, at(1)), 'no key is retiring, so there is nothing to go back to'],
      [addNext(added, 'key 3', at(2)), 'version 2 is next already; promote it first'],
      [promote(both, [], at(4)), 'version 1 is retiring still; retire it first'],
      [rollBack(both, at(4)), 'version 3 is next; there is no room for another'],
      [
        retire(promoted, 3600, at(3601)),
        'certificates of version 1 may be good until 2026-01-01T01:00:02.000Z',
      ],
    ] as const) {
      assert.equal(refused(outcome), message)
    }
    assert.equal(changed(retire(promoted, 3600, at(3602))).length, 2)
  })

  it('has one active key and never two that are next or retiring, whatever is asked for', () => {
    const step = fc.constantFrom('next', 'promote', 'back', 'retire')
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let keys = first
        let highest = 1
        for (const [index, one] of steps.entries()) {
          const now = at(index)
          const outcome =
            one === 'next'
              ? addNext(keys, `key ${index}`, now)
              : one === 'promote'
                ? promote(keys, [], now)
                : one === 'back'
                  ? rollBack(keys, now)
                  : retire(keys, 0, now)
          if (outcome.kind === 'changed') keys = outcome.keys
          const count = (state: AuthorityKeyState): number =>
            keys.filter((key) => key.state === state).length
          assert.equal(count('active'), 1)
          assert.ok(count('next') <= 1 && count('retiring') <= 1 && count('retired') <= 16)
          const versions = keys.map(({ version }) => version)
          assert.equal(new Set(versions).size, versions.length)
          assert.ok(Math.max(...versions) >= highest, 'a version was given twice')
          highest = Math.max(...versions)
        }
      }),
    )
  })
})
