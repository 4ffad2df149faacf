import assert from 'node:assert/strict'
import { createRates, type Rates } from '@sallyport/web-replay/limit'
import fc from 'fast-check'

const LIMITS = { perAddress: 5, all: 20 }

describe('rates', () => {
  let clock: number
  let rates: Rates

  beforeEach(() => {
    clock = 1_000
    rates = createRates(LIMITS, () => clock)
  })

  function take(network: string, requests = 1): readonly string[] {
    return Array.from({ length: requests }, () => rates.take(network).kind)
  }

  function taken(network: string, requests: number): number {
    return take(network, requests).filter((kind) => kind === 'taken').length
  }

  it('hold each network to its own limit, and say when it may come again', () => {
    assert.equal(taken('a', 5), 5)
    clock += 20_500
    assert.deepEqual(rates.take('a'), {
      kind: 'refused',
      limit: 'perAddress',
      retryAfter: 40,
      isFirst: true,
    })
    assert.deepEqual(take('b'), ['taken'])
    clock += 39_500
    assert.deepEqual(take('a'), ['taken'])
  })

  it('call only the first refusal of a burst the first, also when the burst goes on for minutes', () => {
    const first = (): readonly boolean[] =>
      Array.from({ length: 8 }, () => rates.take('a')).flatMap((verdict) =>
        verdict.kind === 'refused' ? [verdict.isFirst] : [],
      )
    assert.deepEqual(first(), [true, false, false])
    for (let minute = 0; minute < 3; minute += 1) {
      clock += 59_999
      first()
      clock += 1
      assert.deepEqual(first(), [false, false, false])
    }
    clock += 120_000
    assert.deepEqual(first(), [true, false, false])
  })

  it('let one go on who is below an equal share when others have used up what there is', () => {
    for (const network of ['a', 'b', 'c', 'd']) assert.equal(taken(network, 9), 5)
    assert.equal(taken('newcomer', 9), 4)
    const verdict = rates.take('a')
    assert.equal(verdict.kind === 'refused' && verdict.limit, 'perAddress')
  })

  it('hold all together to twice their limit, however many networks there are', () => {
    let sum = 0
    for (let index = 0; index < 10_000; index += 1) sum += taken(`n${index % 3000}`, 1)
    assert.ok(sum >= LIMITS.all && sum <= 2 * LIMITS.all, String(sum))
  })

  it('never let strangers crowd out a network that somebody has signed in from', () => {
    rates.trust('office')
    for (let index = 0; index < 1000; index += 1) rates.take(`n${index}`)
    assert.deepEqual(take('new'), ['refused'])
    assert.equal(taken('office', 9), 5)
  })

  it('count no longer what was given back', () => {
    assert.equal(taken('a', 9), 5)
    rates.giveBack('a', 2)
    assert.equal(taken('a', 9), 2)
    rates.giveBack('a', 99)
    rates.giveBack('unknown', 1)
    assert.equal(taken('a', 9), 5)
  })

  it('go on when the clock is set back', () => {
    take('a', 9)
    clock -= 3_600_000
    assert.deepEqual(take('a'), ['taken'])
  })

  it('know no more networks than the limit and those that are trusted', () => {
    for (let index = 0; index < 3000; index += 1) rates.trust(`t${index}`)
    assert.equal(rates.size, 1000)
    for (let index = 0; index < 50_000; index += 1) {
      clock += 10
      rates.take(`n${index}`)
      assert.ok(rates.size <= 1000 + LIMITS.all + 1)
    }
  })

  it('let a lone network have its share, whatever fewer networks than the limit do', () => {
    const crowd = fc.array(fc.integer({ min: 0, max: LIMITS.all - 2 }), { maxLength: 200 })
    fc.assert(
      fc.property(crowd, (networks) => {
        rates = createRates(LIMITS, () => clock)
        for (const network of networks) rates.take(`n${network}`)
        assert.equal(rates.take('lone').kind, 'taken')
      }),
    )
  })
})
