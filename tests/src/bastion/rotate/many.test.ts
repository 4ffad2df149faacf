import { strict as assert } from 'node:assert'
import { openManyTargets, rotateMany, type Fault } from './many.ts'

describe('the rotation of many real targets', function () {
  this.timeout(300_000)

  it('stops as it was told, goes on, and ends with the truth at each', async () => {
    const faults = new Map<string, Fault>([
      ['t3', 'no-shell'],
      ['t5', 'second-copy'],
    ])
    const many = await openManyTargets(8, faults)
    try {
      const { stops, wrong } = await rotateMany(many, faults, 1)
      assert.deepEqual(wrong, [])
      assert.ok(stops >= 1)
    } finally {
      await many.close()
    }
  })
})
