import assert from 'node:assert/strict'
import {
  clampTerm,
  Timeline,
  parseTermSize,
  SECONDS_SIZE,
  writeSeconds,
} from '@sallyport/recorder/asciicast'
import fc from 'fast-check'

describe('Timeline', () => {
  it('never lets rounding errors add up', () => {
    let us = 1_000_000_000.123
    const timeline = new Timeline(() => us)
    let sum = 0
    for (let count = 0; count < 10_000; count += 1) {
      us += 333.333
      sum += timeline.interval(timeline.now())
    }
    assert.equal(sum, 3_333_330)
  })

  it('has the interval between two events', () => {
    let us = 0
    const timeline = new Timeline(() => us)
    const intervals = [1, 2, 1_000_000, 1_000_001, 90_000_000_000].map((time) => {
      us = time
      return timeline.interval(timeline.now())
    })
    assert.deepEqual(intervals, [1, 1, 999_998, 1, 89_998_999_999])
  })

  it('stands still when the clock goes back', () => {
    let us = 500
    const timeline = new Timeline(() => us)
    us = 600
    assert.equal(timeline.now(), 100)
    us = 10
    assert.equal(timeline.now(), 100)
    assert.equal(timeline.interval(100), 100)
    assert.equal(timeline.interval(50), 0)
  })
})

describe('writeSeconds', () => {
  const written = (microseconds: number): string => {
    const target = Buffer.alloc(SECONDS_SIZE + 2, 'x')
    const end = writeSeconds(microseconds, target, 1)
    assert.equal(target[0], 0x78)
    assert.equal(target[SECONDS_SIZE + 1], 0x78)
    return target.toString('latin1', 1, end)
  }

  it('writes plain decimals', () => {
    const texts = [0, 1, 100, 999_998, 1_000_000, 9_100_000, 10_000_000, 89_998_999_999]
    assert.deepEqual(texts.map(written), [
      '0',
      '0.000001',
      '0.0001',
      '0.999998',
      '1',
      '9.1',
      '10',
      '89998.999999',
    ])
    assert.equal(written(Number.MAX_SAFE_INTEGER), '9007199254.740991')
  })

  it('writes what the number of seconds is written as', () => {
    const property = fc.property(fc.nat({ max: 2 ** 40 }), (microseconds) => {
      assert.equal(written(microseconds), String(microseconds / 1e6))
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

describe('clampTerm', () => {
  it('keeps a size that a player survives, and clamps any other', () => {
    assert.deepEqual(clampTerm(80, 24), { cols: 80, rows: 24 })
    assert.deepEqual(clampTerm(0, 0), { cols: 80, rows: 24 })
    assert.deepEqual(clampTerm(-5, Number.NaN), { cols: 80, rows: 24 })
    assert.deepEqual(clampTerm(4294967295, Infinity), { cols: 500, rows: 200 })
    assert.deepEqual(clampTerm(120.9, 40.2), { cols: 120, rows: 40 })
  })
})

describe('parseTermSize', () => {
  it('reads a size and clamps it', () => {
    assert.deepEqual(parseTermSize('90x30'), { cols: 90, rows: 30 })
    assert.deepEqual(parseTermSize('65535x65535'), { cols: 500, rows: 200 })
  })

  it('refuses anything else', () => {
    for (const text of ['', 'x', '80', '80x', '-1x5', '80x24x1', '1e3x5', '80x24\n']) {
      assert.equal(parseTermSize(text), undefined)
    }
  })
})
