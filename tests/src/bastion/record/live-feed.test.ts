import { createLiveFeed } from '@sallyport/bastion/record'
import assert from 'node:assert/strict'

const begun = { startedAt: 5, cols: 80, rows: 24 }

describe('live feed', () => {
  it('tells those who watch a channel of each change of it, until it ends or they stop', () => {
    const feed = createLiveFeed()
    const source = feed.opened('recording-1', 1, begun)
    const other = feed.opened('recording-2', 1, begun)
    let changes = 0
    const watched = feed.watch('recording-1', 1, () => (changes += 1))
    assert.ok(watched)
    other.written()
    assert.equal(changes, 0)
    source.written()
    source.resized(100, 30)
    assert.deepEqual(watched.size, { cols: 100, rows: 30 })
    feed.opened('recording-1', 2, begun)
    assert.equal(watched.channels, 2)
    assert.equal(changes, 2)
    source.closed()
    assert.equal(watched.isOpen, false)
    assert.equal(changes, 3)
    watched.stop()
    source.written()
    assert.equal(changes, 3)
  })

  it('knows only what is being recorded', () => {
    const feed = createLiveFeed()
    assert.equal(
      feed.watch('recording-1', 1, () => undefined),
      undefined,
    )
    feed.opened('recording-1', 1, begun).closed()
    assert.equal(
      feed.watch('recording-1', 1, () => undefined),
      undefined,
    )
  })
})
