import { strict as assert } from 'node:assert'
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { linesOf } from '../../support/audit.ts'
import { OPEN_POLICY } from '../../support/bed-config.ts'
import { openBed, type Bed } from '../../support/bed.ts'
import { holdSession } from '../../support/held-session.ts'
import { recorded } from '../../support/recorded.ts'
import { live, sallyport } from '../../support/sallyport.ts'
import { until } from '../../support/until.ts'

/** Allows `cat` alone, and what is named further. */
function catOnly(...more: readonly string[]): string {
  return `
version: 1
rules:
  - id: cat
    effect: allow
    run: { argv: ['cat'] }
${more.join('')}`
}
const NOBODY = `
version: 1
rules:
  - id: others
    effect: allow
    who: { identities: [somebody-else] }
    unresolved: allow
`

describe('compose: the policy of a running bastion', () => {
  let bed: Bed
  let file: string

  before(async () => {
    bed = await openBed()
    file = join(bed.folder, 'policy.yaml')
  })
  after(async () => {
    await bed?.close()
  })
  afterEach(async () => {
    await writeFile(file, OPEN_POLICY)
    await sallyport(bed, 'policy', 'reload')
  })

  /** Puts another policy in the place of the file as editors do, and waits for the line in the audit log. */
  const replaced = async (text: string, event: string): Promise<Record<string, unknown>> => {
    const before = linesOf(await bed.audit(), event).length
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
    return audited(event, before)
  }
  const audited = async (event: string, before: number): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = linesOf(await bed.audit(), event)[before]
      if (line !== undefined) return { ...line }
      await sleep(20)
    }
  }

  it('is read again when its file is replaced, and a broken one changes nothing', async () => {
    assert.equal((await bed.ssh(['direct', 'true'])).status, 0)
    const loaded = await replaced(catOnly(), 'policy.loaded')
    assert.equal(loaded['by'], 'change of the file')
    assert.equal((await bed.ssh(['direct', 'true'])).status, 126)
    const refused = await replaced('version: 1\nrules:\n  - id: [\n', 'policy.refused')
    assert.equal(refused['revision'], loaded['revision'])
    assert.match(JSON.stringify(refused['problems']), /line \d+, column \d+/)
    assert.equal((await bed.ssh(['direct', 'true'])).status, 126)
    assert.equal((await bed.ssh(['direct', 'cat'], { input: 'hi' })).stdout, 'hi')
    await replaced(OPEN_POLICY, 'policy.loaded')
    assert.equal((await bed.ssh(['direct', 'true'])).status, 0)
  })

  it('names every problem of a policy that it refuses', async () => {
    const text = catOnly(
      "  - { id: one, effect: alow, run: { argv: ['a'] } }\n",
      "  - { id: cat, effect: deny, run: { argv: ['b'] } }\n",
    )
    const { problems } = await replaced(text, 'policy.refused')
    assert.match(String(problems), /rules\.1\.effect/)
    assert.match(String(problems), /the id cat is used twice/)
  })

  it('is read again when it is written in place', async () => {
    const before = linesOf(await bed.audit(), 'policy.loaded').length
    await writeFile(file, catOnly())
    await audited('policy.loaded', before)
    assert.equal((await bed.ssh(['direct', 'true'])).status, 126)
  })

  it('is read again on SIGHUP, and says so when nothing has changed', async () => {
    const before = linesOf(await bed.audit(), 'policy.unchanged').length
    process.kill(bed.pid, 'SIGHUP')
    const line = await audited('policy.unchanged', before)
    assert.equal(line['by'], 'SIGHUP')
  })

  it('is read again on demand, which says what is wrong', async () => {
    await writeFile(file, 'version: 2\n')
    const refused = await sallyport(bed, 'policy', 'reload')
    assert.equal(refused.status, 1)
    assert.match(refused.stdout, /^1:1: version: .*\n1:1: rules: .*\n/)
    assert.match(refused.stdout, /refused; revision [0-9a-f]{12} stays in force\n$/)
    await writeFile(file, catOnly())
    const loaded = await sallyport(bed, 'policy', 'reload')
    assert.equal(loaded.status, 0, loaded.stdout)
  })

  it('follows the link of a config map when that is swapped', async () => {
    const version = async (name: string, text: string): Promise<void> => {
      await mkdir(join(bed.folder, name))
      await writeFile(join(bed.folder, name, 'policy.yaml'), text)
      await symlink(name, join(bed.folder, '..data_tmp'))
    }
    const swap = (): Promise<void> =>
      rename(join(bed.folder, '..data_tmp'), join(bed.folder, '..data'))
    await version('..1', OPEN_POLICY)
    await swap()
    await rm(file)
    await symlink('..data/policy.yaml', file)
    const before = linesOf(await bed.audit(), 'policy.loaded').length
    await version('..2', catOnly())
    await swap()
    await rm(join(bed.folder, '..1'), { recursive: true })
    await audited('policy.loaded', before)
    assert.equal((await bed.ssh(['direct', 'true'])).status, 126)
    await rm(file)
  })

  it('ends what it no longer allows; what it still allows goes on beside it', async () => {
    const master = ['-o', `ControlPath=${bed.folder}/shared`]
    const stays = await holdSession(bed, [...master, '-M', 'web', 'cat'], 'ready', 'ready\n')
    const goes = await holdSession(bed, [...master, 'web', 'cat -u'], 'ready', 'ready\n')
    const through = `127.0.0.1:${bed.sshd.port}`
    const forward = await holdSession(bed, [...master, '-W', through, 'web'], 'SSH-2.0')
    await replaced(catOnly(), 'policy.loaded')

    const { status, stderr } = await goes.ended
    assert.equal(status, 126)
    const sentence = /sallyport: ended: the policy changed: denied by rule default: /
    assert.match(stderr, sentence)
    await forward.ended
    stays.write('still here\n')
    await stays.printed('still here')
    const [cast] = await recorded(bed, 'cat -u')
    assert.match(cast?.streams.stderr.toString() ?? '', sentence)
    const ended = linesOf(await bed.audit(), 'relay.channel-ended')
    assert.deepEqual(
      ended.map(({ kind, rule }) => `${String(kind)} by ${String(rule)}`).toSorted(),
      ['direct-tcpip by default', 'exec by default'],
    )
    stays.stop()
    await stays.ended
  })

  it('ends what runs with a variable that may no longer be set', async () => {
    const session = await holdSession(
      bed,
      ['-o', 'SetEnv=FOO_X=1', 'web', 'cat'],
      'ready',
      'ready\n',
    )
    await replaced(catOnly(), 'policy.loaded')
    const { status, stderr } = await session.ended
    assert.equal(status, 126)
    assert.match(
      stderr,
      /sallyport: ended: the policy changed: denied by rule \S+: variable FOO_X: /,
    )
  })

  it('takes a remote forward back, and the listener at the target with it', async () => {
    const session = await holdSession(
      bed,
      ['-R', '127.0.0.1:0:127.0.0.1:9', 'direct', 'cat'],
      'ready',
      'ready\n',
    )
    await replaced(catOnly(), 'policy.loaded')
    session.write('still here\n')
    await session.printed('still here')
    await until(async () => (await recordedEvents(bed)).includes('forward.withdrawn'))
    const port = /Allocated port (\d+)/.exec(session.stderr())?.[1]
    assert.ok(port, session.stderr())
    await until(async () => !(await answers(Number(port))))
    session.stop()
    await session.ended
  })

  it('ends a connection that it has nothing for any more', async () => {
    const session = await holdSession(bed, ['web', 'echo ready; exec cat'])
    await replaced(NOBODY, 'policy.loaded')
    const { status, stderr } = await session.ended
    assert.equal(status, 255)
    assert.match(
      stderr,
      /sallyport: session ended: the policy changed: no rule lets ci\/acme\/shop do anything on web/,
    )
    const [ended] = linesOf(await bed.audit(), 'live.ended').slice(-1)
    assert.match(String(ended?.['reason']), /^the policy changed: no rule lets/)
    assert.deepEqual(
      (await live(bed)).filter(({ hop }) => hop !== 'outer'),
      [],
    )
  })
})

/** Whether somebody listens there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function recordedEvents(bed: Bed): Promise<string> {
  let text = ''
  for (const cast of await bed.casts()) {
    text += await readFile(cast.replace(/[^/]+$/, 'events.ndjson'), 'utf8')
  }
  return text
}
