import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { Half, MAX_PACKET } from '@sallyport/bastion/relay'
import { watchedLeg } from './legs.ts'

type Step =
  | { readonly kind: 'bytes'; readonly share: number; readonly ahead: number }
  | { readonly kind: 'widen'; readonly amount: number }
  | { readonly kind: 'release'; readonly by: number }
  | { readonly kind: 'control'; readonly ahead: number }
  | { readonly kind: 'notice'; readonly size: number }

const ahead = fc.integer({ min: 0, max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('bytes' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    ahead,
  }),
  fc.record({ kind: fc.constant('widen' as const), amount: fc.integer({ min: 0, max: 90_000 }) }),
  fc.record({ kind: fc.constant('release' as const), by: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('control' as const), ahead }),
  fc.record({ kind: fc.constant('notice' as const), size: fc.integer({ min: 1, max: 2000 }) }),
)

/** What went in, in order: a run of one letter, with the mark that lets it go. */
interface Given {
  readonly letter: string
  readonly size: number
  readonly mark: number
}

class Model {
  readonly half: Half
  readonly given: Given[] = []
  out = ''
  /** Bytes that the sink accepts in all, and what it got. */
  granted: number
  received = 0
  /** What the source was told that it may still send. */
  credit: number
  released = 0
  mark = 0
  noticed = false
  #letters = 0

  constructor(window: number, reserve: number, cap: number) {
    const source = watchedLeg({ payload: (payload) => (this.credit += payload.readUInt32BE(5)) })
    const sink = watchedLeg({
      bytes: (_type, bytes) => {
        assert.ok(bytes.length <= MAX_PACKET)
        this.out += bytes.toString('latin1')
        this.received += bytes.length
      },
    })
    this.half = new Half(source.leg, sink.leg, cap)
    this.half.window = window
    this.half.reserve = reserve
    this.half.credit = Math.max(0, Math.min(window - reserve, cap))
    this.granted = window
    this.credit = this.half.credit
  }

  take(next: Step): void {
    const { half } = this
    switch (next.kind) {
      case 'bytes': {
        const size = Math.min(MAX_PACKET, Math.floor(this.credit * next.share))
        this.credit -= size
        assert.equal(half.take(size), true)
        if (size === 0) return
        const given = this.#give(size, next.ahead)
        const bytes = Buffer.alloc(size, given.letter, 'latin1')
        half.data(0, bytes, given.mark)
        // They were only lent.
        bytes.fill(0)
        return
      }
      case 'widen':
        this.granted += next.amount
        return half.widen(next.amount)
      case 'release':
        this.released += next.by
        return half.release(this.released)
      case 'control': {
        const { letter, mark } = this.#give(1, next.ahead)
        return half.control(() => (this.out += letter), mark)
      }
      case 'notice': {
        this.noticed = true
        const given = this.#give(next.size, 0)
        return half.notice(1, Buffer.alloc(next.size, given.letter, 'latin1'), given.mark)
      }
    }
  }

  check(): void {
    const { half, given, out } = this
    assert.equal(half.credit, this.credit, 'both ends count the same credit')
    assert.ok(half.credit >= 0 && half.queued >= 0 && half.window >= 0)
    assert.ok(half.credit + half.queued <= half.cap)
    const reserve = this.noticed ? 0 : half.reserve
    assert.ok(half.credit + half.queued + reserve <= half.window)
    assert.ok(this.received <= this.granted, 'the sink got more than it accepts')
    let at = 0
    for (const { letter, size, mark } of given) {
      const part = out.slice(at, at + size)
      if (part === '') break
      assert.ok(mark <= this.released, 'something left before it was released')
      assert.equal(part, letter.repeat(part.length), 'the order was not kept')
      at += part.length
      if (part.length < size) break
    }
    assert.equal(at, out.length)
  }

  /** Lets everything go. */
  finish(): void {
    this.take({ kind: 'release', by: 1_000_000 })
    for (let round = 0; round < 40; round += 1) this.take({ kind: 'widen', amount: 1 << 20 })
    this.check()
    assert.equal(
      this.out.length,
      this.given.reduce((sum, { size }) => sum + size, 0),
    )
    assert.equal(this.half.queued, 0)
    assert.equal(this.half.empty, true)
  }

  #give(size: number, markAhead: number): Given {
    this.mark = Math.max(this.mark, this.released + markAhead)
    const letter = String.fromCharCode(33 + (this.#letters++ % 90))
    const given = { letter, size, mark: this.mark }
    this.given.push(given)
    return given
  }
}

describe('Half', () => {
  it('keeps its invariants, the order and the marks, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200_000 }),
        fc.integer({ min: 0, max: 4096 }),
        fc.constantFrom(8192, 100_000, 2 << 20),
        fc.array(step, { maxLength: 60 }),
        (window, reserve, cap, steps) => {
          const model = new Model(window, Math.min(reserve, window >> 2), cap)
          model.check()
          for (const next of steps) {
            model.take(next)
            model.check()
          }
          model.finish()
        },
      ),
      { numRuns: 300 },
    )
  })

  it('lets nothing be taken beyond the credit', () => {
    const half = new Half(watchedLeg().leg, watchedLeg().leg)
    half.credit = 10
    assert.equal(half.take(11), false)
    assert.equal(half.take(10), true)
    assert.equal(half.take(1), false)
  })

  it('passes words of our own from the reserve when the window is all granted', () => {
    let said = ''
    const half = new Half(
      watchedLeg().leg,
      watchedLeg({ bytes: (_type, bytes) => (said += bytes.toString()) }).leg,
    )
    half.window = 100
    half.reserve = 20
    half.credit = 80
    half.notice(1, Buffer.from('twenty bytes of news'), 0)
    assert.equal(said, 'twenty bytes of news')
    half.notice(1, Buffer.from('!'), 0)
    assert.equal(
      said,
      'twenty bytes of news',
      'what the source may still send is not taken from it',
    )
    half.widen(1)
    assert.equal(said, 'twenty bytes of news!')
  })

  it('keeps nothing for a source that nobody listens to any more', () => {
    let said = ''
    const source = watchedLeg().leg
    const half = new Half(source, watchedLeg({ bytes: (_, bytes) => (said += bytes) }).leg)
    half.window = 100
    half.credit = 100
    half.notice(1, Buffer.from('farewell'), 0)
    assert.equal(said, '')
    source.discarding = true
    half.pump()
    assert.equal(said, 'farewell')
  })

  it('forgets what waits, and swallows what comes, once it is dropped', () => {
    let out = 0
    const half = new Half(watchedLeg().leg, watchedLeg({ bytes: () => (out += 1) }).leg)
    half.window = 100
    half.credit = 100
    half.take(10)
    half.data(0, Buffer.alloc(10), 1)
    half.control(() => assert.fail('it was dropped'), 1)
    half.drop()
    half.data(0, Buffer.alloc(10), 0)
    half.notice(0, Buffer.alloc(10), 0)
    half.control(() => assert.fail('it was dropped'))
    half.release(9)
    half.widen(1000)
    assert.deepEqual([out, half.queued], [0, 0])
  })

  it('joins small packets that wait, in order, and says when what it cannot join is too much', () => {
    let out = ''
    const half = new Half(
      watchedLeg().leg,
      watchedLeg({ bytes: (type, bytes) => (out += `${type}${bytes.toString()}`) }).leg,
    )
    let given = ''
    for (let at = 0; at < 50_000; at += 1) {
      const letter = String.fromCharCode(97 + (at % 26))
      given += letter
      half.data(0, Buffer.from(letter), at > 40_000 ? 1 : 0)
    }
    assert.equal(half.crowded, false)
    assert.equal(half.queued, 50_000)
    half.release(1)
    half.widen(50_000)
    assert.equal(out.replaceAll('0', ''), given)
    assert.equal(half.queued, 0)

    for (let at = 0; at <= 16_384; at += 1) {
      assert.equal(half.crowded, false)
      half.data(at % 2, Buffer.from('x'), 1)
    }
    assert.equal(half.crowded, true)
  })

  it('joins nothing to what still waits for another part of the recording', () => {
    let out = ''
    const half = new Half(
      watchedLeg().leg,
      watchedLeg({ bytes: (_type, bytes) => (out += bytes.toString()) }).leg,
    )
    half.window = 100
    half.data(0, Buffer.from('first'), 1)
    half.data(0, Buffer.from('second'), 2)
    half.release(1)
    assert.equal(out, 'first')
  })

  it('holds everything back from a sink that is not open', () => {
    let out = 0
    const sink = watchedLeg({ bytes: (_type, bytes) => (out += bytes.length) })
    sink.leg.state = 'opening'
    const half = new Half(watchedLeg().leg, sink.leg)
    half.window = 100
    half.data(0, Buffer.alloc(10), 0)
    half.pump()
    assert.equal(out, 0)
    sink.leg.state = 'open'
    half.pump()
    assert.equal(out, 10)
  })
})
