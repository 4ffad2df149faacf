import { strict as assert } from 'node:assert'
import { createLiveLines, type LiveLines } from '@sallyport/bastion/cli/watch'
import fc from 'fast-check'
import { openEmulator, type Emulator } from '../../shell/emulator.ts'

interface Rig {
  readonly lines: LiveLines
  readonly emulator: Emulator
  resize(columns: number, rows: number): void
  /** Returns all rows once what was written is shown. */
  rows(): Promise<readonly string[]>
}

function openRig(columns: number, rows: number): Rig {
  const emulator = openEmulator(columns, rows)
  const size = { columns, rows }
  let written = emulator.write('$ key watch\r\nrun 1\r\n')
  const lines = createLiveLines({
    get columns() {
      return size.columns
    },
    get rows() {
      return size.rows
    },
    write: (text) => {
      written = written.then(() => emulator.write(text))
    },
  })
  return {
    lines,
    emulator,
    resize: (width, height) => {
      Object.assign(size, { columns: width, rows: height })
      emulator.resize(width, height)
    },
    rows: () => written.then(() => emulator.rows()),
  }
}

const before = ['$ key watch', 'run 1']

describe('lines that change in place', () => {
  it('show the last that was drawn and nothing of those before, wherever the screen scrolls', async () => {
    const line = fc.string({
      unit: fc.constantFrom('a', 'b', '#', '.'),
      minLength: 1,
      maxLength: 39,
    })
    const frame = fc.array(line, { minLength: 1, maxLength: 9 })
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 8 }), async (frames) => {
        const rig = openRig(40, 10)
        try {
          for (const one of frames) rig.lines.draw(one)
          assert.deepEqual(await rig.rows(), [...before, ...(frames.at(-1) ?? [])])
          rig.lines.clear()
          assert.deepEqual(await rig.rows(), before)
          rig.lines.clear()
          assert.deepEqual(await rig.rows(), before)
        } finally {
          rig.emulator.dispose()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('find their beginning again in a terminal that has become narrower', async () => {
    const rig = openRig(60, 20)
    try {
      rig.lines.draw(['#'.repeat(59), 'one', '.'.repeat(45)])
      await rig.rows()
      rig.resize(30, 20)
      rig.lines.draw(['#'.repeat(29), 'two'])
      assert.deepEqual(await rig.rows(), [...before, '#'.repeat(29), 'two'])
    } finally {
      rig.emulator.dispose()
    }
  })
})
