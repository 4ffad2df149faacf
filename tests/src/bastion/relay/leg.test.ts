import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { watchedLeg } from './legs.ts'

const SUCCESS = 99
const FAILURE = 100

describe('Leg', () => {
  it('answers in the order of the requests, whenever the answers are known', () => {
    const order = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(
        order,
        fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
        (turns, good) => {
          const { leg, sent } = watchedLeg()
          const replies = good.map(() => leg.owe())
          const settled = new Set<number>()
          for (const turn of turns) {
            const reply = replies[turn]
            assert.ok(reply !== undefined)
            leg.settle(reply, good[turn] ?? false)
            settled.add(turn)
            let due = 0
            while (settled.has(due)) due += 1
            assert.equal(sent.length, due)
          }
          assert.deepEqual(
            sent.map((payload) => payload[0]),
            good.map((success) => (success ? SUCCESS : FAILURE)),
          )
        },
      ),
    )
  })

  it('gives each answer of the other peer to its oldest question, and knows when there was none', () => {
    const agent = watchedLeg()
    const target = watchedLeg()
    target.leg.expect(agent.leg.owe())
    target.leg.expect(undefined)
    target.leg.expect(agent.leg.owe())
    assert.deepEqual(
      [true, true, false].map((success) => target.leg.answered(success)),
      [true, true, true],
    )
    assert.deepEqual(
      agent.sent.map((payload) => payload[0]),
      [SUCCESS, FAILURE],
    )
    assert.equal(target.leg.answered(true), false)
  })

  it('lets a reply of ours wait for an earlier one of the other peer', () => {
    const agent = watchedLeg()
    const target = watchedLeg()
    target.leg.expect(agent.leg.owe())
    const ours = agent.leg.owe()
    agent.leg.settle(ours, false)
    assert.deepEqual(agent.sent, [])
    target.leg.answered(true)
    assert.deepEqual(
      agent.sent.map((payload) => payload[0]),
      [SUCCESS, FAILURE],
    )
  })

  it('settles a reply once', () => {
    const { leg, sent } = watchedLeg()
    const reply = leg.owe()
    leg.settle(reply, false)
    leg.settle(reply, true)
    assert.deepEqual(
      sent.map((payload) => payload[0]),
      [FAILURE],
    )
  })

  it('fails what its peer still owes when that closes', () => {
    const agent = watchedLeg()
    const target = watchedLeg()
    target.leg.expect(agent.leg.owe())
    target.leg.expect(agent.leg.owe())
    target.leg.failExpected()
    assert.deepEqual(
      agent.sent.map((payload) => payload[0]),
      [FAILURE, FAILURE],
    )
    assert.equal(target.leg.answered(true), false)
  })

  it('says nothing after its close, and closes once', () => {
    let data = 0
    const { leg, sent } = watchedLeg({ bytes: () => (data += 1) })
    const reply = leg.owe()
    leg.close()
    leg.close()
    leg.settle(reply, true)
    leg.sendData(0, Buffer.alloc(1))
    leg.sendEof()
    leg.sendWindowAdjust(1)
    assert.deepEqual(
      sent.map((payload) => payload[0]),
      [97],
    )
    assert.equal(data, 0)
    assert.equal(leg.gone, false)
    leg.closeReceived = true
    assert.equal(leg.gone, true)
  })
})
