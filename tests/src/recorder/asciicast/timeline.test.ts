import assert from 'node:assert/strict'
import { clampTerm, createTimeline, parseTermSize } from '@sallyport/recorder/asciicast'

describe('createTimeline', () => {
  it('never lets rounding errors add up', () => {
    let ns = 1_000_000_000_123n
    const timeline = createTimeline(() => ns)
    let sum = 0
    for (let count = 0; count < 10_000; count += 1) {
      ns += 333_333n
      sum += Math.round(Number(timeline.interval(timeline.now())) * 1e6)
    }
    assert.equal(sum, 3_333_330)
  })

  it('writes intervals as plain decimals', () => {
    let us = 0
    const timeline = createTimeline(() => us)
    const intervals = [1, 2, 1_000_000, 1_000_001, 90_000_000_000].map((time) => {
      us = time
      return timeline.interval(timeline.now())
    })
    assert.deepEqual(intervals, ['0.000001', '0.000001', '0.999998', '0.000001', '89998.999999'])
  })

  it('stands still when the clock goes back', () => {
    let us = 500
    const timeline = createTimeline(() => us)
    us = 600
    assert.equal(timeline.now(), 100)
    us = 10
    assert.equal(timeline.now(), 100)
    assert.equal(timeline.interval(100), '0.0001')
    assert.equal(timeline.interval(50), '0')
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
