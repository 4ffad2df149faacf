import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeCast, reconstruct } from '@sallyport/recorder/asciicast'
import { findRecording, repairRecordings } from '@sallyport/recorder/store'
import { withFolder } from '../support/folders.ts'
import { START } from '../support/recordings.ts'

const CHILD = fileURLToPath(new URL('../support/recording-child.ts', import.meta.url))

describe('a recording whose process is killed', () => {
  it('holds every byte that was reported written', async () => {
    await withFolder(async (root) => {
      for (let run = 0; run < 7; run += 1) {
        const id = `killed-text-${run}`
        const reported = await recordUntilKilled(root, id, 0, run)
        const report = await repairRecordings({ root, now: () => START })
        assert.deepEqual(
          report.interrupted.map((recording) => recording.id),
          [id],
        )
        const { stdout } = reconstruct(await strictCast(root, id))
        assert.ok(stdout.length >= reported, `${stdout.length} bytes of ${reported} are there`)
      }
    })
  })

  it('has declared every byte that was reported, beyond its limit', async () => {
    await withFolder(async (root) => {
      for (let run = 0; run < 3; run += 1) {
        const id = `killed-binary-${run}`
        const reported = await recordUntilKilled(root, id, 1000, run)
        await repairRecordings({ root, now: () => START })
        const { stdout, upTo } = reconstruct(await strictCast(root, id))
        assert.equal(stdout.length, 1000)
        assert.ok(upTo[1] >= reported, `${upTo[1]} bytes of ${reported} are declared`)
      }
    })
  })
})

/** Returns how many bytes the child said were written. */
async function recordUntilKilled(
  root: string,
  id: string,
  binary: number,
  run: number,
): Promise<number> {
  const options = ['--conditions=source', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...options, CHILD, root, id, String(binary)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    if (text === '') setTimeout(() => child.kill('SIGKILL'), 5 + run * 9)
    text += part
  })
  await once(child, 'close')
  assert.equal(child.signalCode, 'SIGKILL')
  const lines = text.split('\n')
  const reported = Number(lines.at(-2))
  assert.ok(reported > 0)
  return reported
}

async function strictCast(root: string, id: string): Promise<ReturnType<typeof decodeCast>> {
  const folder = await findRecording(root, id)
  const cast = decodeCast(await readFile(join(folder ?? '', '0.cast')), { strict: true })
  assert.equal(cast.torn, undefined)
  assert.equal(cast.events.at(-1)?.text, '{"kind":"interrupted"}')
  return cast
}
