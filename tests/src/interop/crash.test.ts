import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCatalog } from '@sallyport/recorder/catalog'
import { openBed, type Bed } from '../support/bed.ts'
import { recorded, type Recorded } from '../support/recorded.ts'

const ROUNDS = 10
const SESSIONS = 20
const BINARY_CAP = 100_000

/** Pauses that start no program, of which twenty sessions would start more than a small machine can take. */
const PAUSE = 'read -t 0.3 -u 9'
const LOOP = `exec 9<> <(:); i=0; while :`
/** Numbered lines, more than the kill gives time for, with a character that two packets may share. */
const LINES = `${LOOP}; do
  b=; for n in {1..50}; do i=$((i+1)); b+="line $i · äöü ∑\n"; done; printf "$b" || exit; ${PAUSE}
done`
const BULK = `head -c 150000 /dev/urandom > $$.bulk; ${LOOP} && cat $$.bulk; do ${PAUSE}; done`
const LONG_TEXT = `b=$(head -c 110000 /dev/urandom | base64 -w 60); ${LOOP} && echo "$b"; do ${PAUSE}; done`

/** What the sessions of a round run: mostly lines, some binary and some text beyond the caps. */
function commandOf(session: number): string {
  if (session % 5 === 3) return BULK
  return session % 5 === 4 ? LONG_TEXT : LINES
}

describe('a bastion that is killed while sessions are busy', () => {
  let bed: Bed
  const interrupted = new Set<string>()

  before(async () => {
    bed = await openBed({
      config: `recording: { binaryBytes: ${BINARY_CAP}, textBytes: 1000000 }`,
    })
  })
  after(async () => {
    await bed?.close()
  })

  for (let round = 0; round < ROUNDS; round += 1) {
    it(`has in its recordings all that any client printed, kill ${round + 1}`, async () => {
      const sessions = Array.from({ length: SESSIONS }, (_, session) => {
        const host = session % 7 === 0 ? 'web' : 'direct'
        const command = `: round-${round}-session-${session}.; ${commandOf(session)}`
        return startClient(bed, [host, command], session)
      })
      const deadline = Date.now() + 50_000
      while (Date.now() < deadline && !sessions.every(({ out }) => statSync(out).size > 0)) {
        await sleep(20)
      }
      await sleep(round * 25)
      await bed.kill()
      await Promise.all(sessions.map(({ exited }) => exited))
      await bed.restart()
      const recordings = await recorded(bed, `round-${round}-`)
      for (let session = 0; session < SESSIONS; session += 1) {
        const { out, err } = sessions[session] ?? assert.fail()
        const printed = readFileSync(out)
        const found = recordings.find(({ command }) => command.includes(`-session-${session}.`))
        const said = readFileSync(err, 'utf8')
        assert.ok(printed.length > 0, `session ${session} printed nothing: ${said}`)
        assert.ok(found !== undefined, `session ${session} has no recording: ${said}`)
        interrupted.add(found.recordingId)
        covers(found, printed, session)
      }
    })
  }

  it('lists each of them as interrupted, and its channel with its command', async () => {
    await bed.kill()
    const catalog = openCatalog({
      file: join(bed.data, 'catalog.sqlite'),
      onError: (error) => assert.fail(String(error)),
    })
    try {
      for (const id of interrupted) {
        const detail = catalog.getRecording(id)
        assert.equal(detail?.recording.status, 'interrupted', id)
        assert.match(detail.channels[0]?.command ?? '', /round-/)
      }
      assert.deepEqual(catalog.listRunning(), [])
    } finally {
      catalog.close()
    }
    assert.equal(interrupted.size, ROUNDS * SESSIONS)
    const audited = (await bed.audit()).filter((line) => line['event'] === 'record.interrupted')
    assert.deepEqual(new Set(audited.map((line) => line['recordingId'])), interrupted)
  })

  it('serves and records new sessions afterwards', async () => {
    await bed.restart()
    const { stdout } = await bed.ssh(['web', 'echo back again'])
    assert.equal(stdout, 'back again\n')
    const [found] = await recorded(bed, 'echo back again')
    assert.equal(found?.streams.stdout.toString(), 'back again\n')
  })
})

/** Starts ssh without a shell around it; what it prints goes to two files. */
function startClient(bed: Bed, args: readonly string[], session: number) {
  const out = join(bed.folder, `out.${session}`)
  const err = join(bed.folder, `err.${session}`)
  const files = [openSync(out, 'w'), openSync(err, 'w')] as const
  const child = spawn('ssh', ['-F', bed.sshConfig, ...args], {
    stdio: ['ignore', ...files],
    timeout: 90_000,
  })
  for (const file of files) closeSync(file)
  return { out, err, exited: once(child, 'exit') }
}

/** Asserts that the repaired recording holds, or beyond its cap declares, every byte that was printed. */
function covers({ cast, streams, file }: Recorded, printed: Buffer, session: number): void {
  const { stdout, upTo } = streams
  const kept = Math.min(stdout.length, printed.length)
  assert.ok(stdout.subarray(0, kept).equals(printed.subarray(0, kept)), `${file} has other bytes`)
  if (session % 5 === 3) assert.ok(stdout.length <= BINARY_CAP)
  if (printed.length > stdout.length) {
    assert.ok(upTo[1] >= printed.length, `${file}: ${upTo[1]} of ${printed.length} are declared`)
  }
  assert.equal(cast.torn, undefined)
  assert.equal(cast.events.at(-1)?.text, '{"kind":"interrupted"}')
}
