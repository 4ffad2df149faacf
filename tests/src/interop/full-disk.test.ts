import { strict as assert } from 'node:assert'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCatalog } from '@sallyport/recorder/catalog'
import { openBed, type Bed } from '../support/bed.ts'
import { recorded } from '../support/recorded.ts'
import { bash, run } from '../support/run.ts'

/** Bytes of the whole disk, and what must be free for a session to begin. */
const DISK = 12 << 20
const FREE = 1 << 20

describe('a disk for recordings that is full', () => {
  let dataFolder: string
  let disk: string
  let bed: Bed

  before(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'sallyport-full-'))
    disk = join(dataFolder, 'recordings')
    await mkdir(disk)
    const mounted = await run('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${DISK},mode=700`,
      'tmpfs',
      disk,
    ])
    assert.equal(mounted.status, 0, `this test mounts a small tmpfs, as root: ${mounted.stderr}`)
    bed = await openBed({
      dataFolder,
      config: `recording: { textBytes: 1000000000, minimumFreeBytes: ${FREE} }`,
    })
  })
  after(async () => {
    await bed?.close()
    await run('umount', [disk])
    await rm(dataFolder, { recursive: true, force: true })
  })

  afterEach(async () => {
    await bash(`rm -f '${disk}/filler'; find '${disk}' -name '*.cast' -size +1M -delete`)
  })

  const fill = async (leave: number): Promise<void> => {
    const { stderr } = await bash(
      `free=$(df -B1 --output=avail '${disk}' | tail -1); fallocate -l $((free - ${leave})) '${disk}/filler'`,
    )
    assert.equal(stderr, '')
  }
  const empty = (): Promise<void> => rm(join(disk, 'filler'), { force: true })

  for (const host of ['web', 'direct']) {
    it(`ends a session of ${host} in the middle, and says why on its standard error`, async () => {
      const command = `: to-the-brim-${host}; base64 -w 60 /dev/urandom`
      const { status, stderr } = await bed.sh(`ssh -F $C ${host} '${command}' < /dev/null > out`)
      assert.equal(status, 255)
      assert.match(
        stderr,
        /sallyport: session ended, its recording [0-9a-z-]+ failed: (the recording cannot be written|only \d+ of \d+ bytes of the recording were written)/,
      )
      const printed = await readFile(join(bed.folder, 'scratch', 'out'))
      const [found] = await recorded(bed, `to-the-brim-${host}`, false)
      assert.ok(found !== undefined)
      const kept = found.streams.stdout
      assert.ok(printed.length > 1 << 20, `only ${printed.length} bytes came`)
      assert.ok(printed.length <= kept.length, `${printed.length} printed, ${kept.length} recorded`)
      assert.ok(kept.subarray(0, printed.length).equals(printed))
      const [line] = (await bed.audit()).filter(
        (each) => each['event'] === 'relay.recording-failed',
      )
      assert.match(String(line?.['reason']), /^(the recording cannot be written|only )/)
    })
  }

  it('refuses new sessions while it is full, with a message, and stays up', async () => {
    const { pid } = bed
    await fill(FREE / 2)
    for (const host of ['web', 'direct', 'web']) {
      const { status, stdout, stderr } = await bed.ssh([host, 'echo must not be seen'])
      assert.deepEqual({ status, stdout }, { status: 255, stdout: '' })
      assert.match(stderr, /sallyport: .*recording.*: only \d+ bytes are free for recordings/)
    }
    process.kill(pid, 0)
    assert.equal((await fetch(`${bed.httpUrl}/healthz`)).status, 200)
  })

  it('keeps sessions of others running that no write of theirs failed', async () => {
    await empty()
    const running = bed.sh(
      `ssh -F $C web 'echo before; while [ ! -e "'$D'/go" ]; do sleep 0.05; done; echo after' < /dev/null`,
    )
    await bed.sh(
      `for i in $(seq 100); do [ -n "$(find ${disk} -name '*.cast')" ] && break; sleep 0.05; done`,
    )
    await fill(FREE / 2)
    const refused = await bed.ssh(['direct', 'true'])
    assert.equal(refused.status, 255)
    await bed.sh('touch go')
    const { status, stdout, stderr } = await running
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 0, stdout: 'before\nafter\n', stderr: '' },
    )
  })

  it('serves and records again when there is room', async () => {
    await empty()
    const { status, stdout } = await bed.ssh(['web', 'echo room again'])
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'room again\n' })
    const [found] = await recorded(bed, 'echo room again')
    assert.equal(found?.streams.stdout.toString(), 'room again\n')
  })

  it('lists the sessions that it ended as failed', async () => {
    await bed.kill()
    const file = join(dataFolder, 'catalog.sqlite')
    const catalog = openCatalog({ file, onError: (error) => assert.fail(String(error)) })
    try {
      const rows = catalog.listRecordings({ limit: 100 })?.rows ?? []
      const filled = rows.filter((row) => row.firstChannel?.command?.includes('to-the-brim'))
      assert.deepEqual(
        filled.map((row) => row.status),
        ['failed', 'failed'],
      )
    } finally {
      catalog.close()
    }
  })
})
