import {
  openOutlines,
  outlineAt,
  type OutlineAnswer,
  type Outlines,
} from '@sallyport/recorder/replay'
import assert from 'node:assert/strict'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolder } from '../support/folders.ts'
import { castOf, type Line } from './casts.ts'

const ID = 'recording-1'

describe('outlines', () => {
  async function record(root: string, cast: Buffer): Promise<void> {
    const folder = join(root, 'recordings', '2026', '03', '05', ID)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, '1.cast'), cast)
  }

  async function withOutlines(
    root: string,
    use: (outlines: Outlines) => Promise<void>,
  ): Promise<unknown[]> {
    const errors: unknown[] = []
    const onError = (error: unknown): void => void errors.push(error)
    const outlines = openOutlines({ root, now: Date.now, onError, largeBytes: 100_000 })
    try {
      await use(outlines)
    } finally {
      await outlines.close()
    }
    return errors
  }

  function isWhole(answer: OutlineAnswer): boolean {
    return answer.kind === 'outline' && answer.done === undefined
  }

  async function settled(outlines: Outlines): Promise<OutlineAnswer> {
    for (;;) {
      const answer = await outlines.get(ID, 1)
      if (answer.kind === 'none' || isWhole(answer)) return answer
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  it('are made at once for a small recording, and anew when it has grown', async () => {
    await withFolder(async (root) => {
      const errors = await withOutlines(root, async (outlines) => {
        assert.deepEqual(await outlines.get(ID, 1), { kind: 'none' })
        const lines: Line[] = [[1, 'o', 'a']]
        await record(root, castOf(lines))
        const first = await outlines.get(ID, 1)
        assert.equal(first.kind === 'outline' && first.outline.duration, 1)
        await record(root, castOf([...lines, [2, 'o', 'b']]))
        const second = await outlines.get(ID, 1)
        assert.equal(second.kind === 'outline' && second.outline.duration, 3)
      })
      assert.deepEqual(errors, [])
    })
  })

  it('of a large recording whose output all came at once wait for the whole', async () => {
    await withFolder(async (root) => {
      const lines = Array.from({ length: 120 }, (): Line => [0, 'o', 'x'.repeat(9000)])
      await record(root, castOf(lines))
      await withOutlines(root, async (outlines) => {
        assert.equal((await outlines.get(ID, 1)).kind, 'preparing')
        const answer = await settled(outlines)
        assert.equal(answer.kind === 'outline' && answer.outline.segments.length, 1)
      })
    })
  })

  it('of a large recording are made by a thread, in segments, and kept for the next start', async () => {
    await withFolder(async (root) => {
      const lines = Array.from({ length: 120 }, (_, at): Line => [
        at % 5 === 4 ? 5 : 0.1,
        'o',
        `${at} ${'x'.repeat(9000)}\r\n`,
      ])
      await record(root, castOf(lines))
      const errors = await withOutlines(root, async (outlines) => {
        const early = await outlines.get(ID, 1)
        const answer = await settled(outlines)
        assert.ok(answer.kind === 'outline' && early.kind === 'outline')
        const { segments, problems } = answer.outline
        assert.ok(early.done !== undefined && early.done < 1)
        assert.deepEqual(
          early.outline.segments,
          segments.slice(0, 1),
          'the beginning is there at once, and stays what it was',
        )
        const { duration, gaps, size } = early.outline
        const again = outlineAt(answer.outline, size)
        assert.deepEqual({ duration, gaps }, { duration: again?.duration, gaps: again?.gaps })
        assert.equal(outlineAt(answer.outline, size - 1), undefined)
        assert.equal(segments.length, 3)
        assert.match(segments[1]?.screen.text ?? '', /\[\d+;1Hxxx/)
        assert.deepEqual(problems, [])
      })
      assert.deepEqual(errors, [])
      const kept = await stat(join(root, 'outlines', `${ID}.1.json`))
      assert.equal(kept.mode & 0o777, 0o600)
      await withOutlines(root, async (outlines) => {
        assert.equal(isWhole(await outlines.get(ID, 1)), true)
      })
      await writeFile(join(root, 'outlines', `${ID}.1.json`), '{"version":2,"size":')
      await withOutlines(root, async (outlines) => {
        assert.equal(isWhole(await outlines.get(ID, 1)), false)
      })
    })
  })
})
