import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { createAdmissions } from '@sallyport/bastion/accept'

describe('createAdmissions', () => {
  it('refuses an address at its cap, and no other', () => {
    const admissions = createAdmissions({ total: 10, perAddress: 2 })
    const admit = (address: string) => admissions.admit({ address, evict: () => assert.fail() })
    assert.equal(admit('a').kind, 'admitted')
    assert.equal(admit('a').kind, 'admitted')
    assert.deepEqual(admit('a'), {
      kind: 'refused',
      reason: '2 connections of this address are not authenticated yet',
    })
    assert.equal(admit('b').kind, 'admitted')
    assert.equal(admissions.size, 3)
  })

  it('gives a place back once, however often it is released', () => {
    const admissions = createAdmissions({ total: 10, perAddress: 1 })
    const verdict = admissions.admit({ address: 'a', evict: () => assert.fail() })
    assert.ok(verdict.kind === 'admitted')
    verdict.release()
    verdict.release()
    assert.equal(admissions.size, 0)
    assert.equal(admissions.admit({ address: 'a', evict: () => assert.fail() }).kind, 'admitted')
    assert.equal(admissions.size, 1)
  })

  it('evicts the oldest of the address that holds most places when the door is full', () => {
    const evicted: string[] = []
    const admissions = createAdmissions({ total: 4, perAddress: 3 })
    for (const [address, name] of [
      ['few', 'f1'],
      ['many', 'm1'],
      ['many', 'm2'],
      ['many', 'm3'],
    ] as const) {
      admissions.admit({ address, evict: () => evicted.push(name) })
    }
    assert.equal(evicted.length, 0)
    admissions.admit({ address: 'new', evict: () => evicted.push('n1') })
    assert.deepEqual(evicted, ['m1'])
    admissions.admit({ address: 'newer', evict: () => evicted.push('n2') })
    assert.deepEqual(evicted, ['m1', 'm2'])
    assert.equal(admissions.size, 4)
  })

  it('never holds more than its limits, and never evicts twice', () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 4 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const admissions = createAdmissions({ total: 7, perAddress: 3 })
        const held = new Map<number, { address: string; release: () => void }>()
        let next = 0
        for (const [arrives, which] of steps) {
          const id = next++
          const [first] = held
          if (!arrives && first !== undefined) {
            first[1].release()
            held.delete(first[0])
          } else {
            const address = `10.0.0.${which}`
            const verdict = admissions.admit({ address, evict: () => assert.ok(held.delete(id)) })
            if (verdict.kind === 'admitted')
              held.set(id, { address, release: () => verdict.release() })
          }
          assert.equal(admissions.size, held.size)
          assert.ok(held.size <= 7)
          const ofOne = [...held.values()].filter(({ address }) => address === `10.0.0.${which}`)
          assert.ok(ofOne.length <= 3)
        }
      }),
    )
  })
})
