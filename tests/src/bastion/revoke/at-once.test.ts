import { strict as assert } from 'node:assert'
import { rm, writeFile } from 'node:fs/promises'
import { linesOf } from '../../support/audit.ts'
import { openBed, SALLYPORT, type Bed } from '../../support/bed.ts'
import { holdSession } from '../../support/held-session.ts'
import { eventsOf, recorded } from '../../support/recorded.ts'
import { run } from '../../support/run.ts'
import { lift, liftAll, live, revoke, sallyport } from '../../support/sallyport.ts'
import { until } from '../../support/until.ts'

/** Goes on until its standard input ends. */
const HOLD = 'echo $$ ready; exec cat'

interface Case {
  readonly title: string
  readonly host: 'web' | 'direct'
  readonly what: (bed: Bed) => Promise<Readonly<Record<string, string>>>
  readonly named: RegExp
  /** Whether a new certificate is refused too. */
  readonly exchange: boolean
}

const CASES: readonly Case[] = [
  {
    title: 'a serial',
    host: 'web',
    what: async (bed) => ({ serial: await serialOf(bed) }),
    named: /certificate \d+ is revoked/,
    exchange: false,
  },
  {
    title: 'a key',
    host: 'direct',
    what: async (bed) => {
      const { stdout } = await run('ssh-keygen', ['-lf', `${bed.folder}/id.pub`])
      return { key: stdout.split(' ')[1] ?? '' }
    },
    named: /key SHA256:\S+ is revoked/,
    exchange: true,
  },
  {
    title: 'an identity',
    host: 'web',
    what: async () => ({ identity: 'ci/acme/shop' }),
    named: /identity ci\/acme\/shop is revoked/,
    exchange: true,
  },
  {
    title: 'a subject of an issuer, by its iss',
    host: 'direct',
    what: async (bed) => ({ subject: 'acme/shop', issuer: bed.issuer.url }),
    named: /subject acme\/shop of issuer ci is revoked/,
    exchange: true,
  },
]

async function serialOf(bed: Bed): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-Lf', `${bed.folder}/id-cert.pub`])
  return /Serial: (\d+)/.exec(stdout)?.[1] ?? ''
}

describe('revoke: at once, on what is open', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed()
  })
  after(async () => {
    await bed?.close()
  })
  afterEach(async () => {
    await liftAll(bed)
  })

  for (const { title, host, what, named, exchange } of CASES) {
    it(`ends a session when ${title} is revoked, refuses it from then on, until that is lifted`, async () => {
      const tag = `tag-${title.replaceAll(/\W/g, '-')}`
      const session = await holdSession(bed, [host, `: ${tag}; ${HOLD}`])
      const pid = Number(/\d+/.exec(session.stdout())?.[0])
      const id = await revoke(bed, await what(bed), 'key leaked')

      const { status, stderr } = await session.ended
      assert.equal(status, 255)
      const sentence = new RegExp(`sallyport: session ended: ${named.source}: key leaked`)
      assert.match(stderr, sentence)
      await gone(pid)

      const [cast] = await recorded(bed, tag)
      assert.ok(cast)
      assert.match(cast.streams.stderr.toString(), sentence)
      assert.match(await eventsOf(cast), new RegExp(`"reason":"${named.source}: key leaked"`))

      const refused = await bed.ssh([host, 'true'])
      assert.equal(refused.status, 255)
      assert.match(refused.stderr, new RegExp(`${named.source}: key leaked`))
      if (exchange) await assert.rejects(bed.certify(), /access_denied.*is revoked: key leaked/)
      else await bed.certify('fresh')

      const audit = await bed.audit()
      const added = linesOf(audit, 'revoke.added').find((line) => line['id'] === id)
      assert.equal(added?.['reason'], 'key leaked')
      assert.match(String(added?.['by']), /^control socket, says it is \S+ \(not verified\)$/)
      const ended = linesOf(audit, 'live.ended').filter((line) => {
        return line['recordingId'] === cast.recordingId
      })
      assert.equal(ended.length, 1)
      assert.match(String(ended[0]?.['reason']), named)

      await lift(bed, id)
      assert.equal(linesOf(await bed.audit(), 'revoke.lifted').at(-1)?.['id'], id)
      await bed.certify()
      assert.equal((await bed.ssh([host, 'true'])).status, 0)
    })
  }

  it('ends an outer hop through which nothing goes', async () => {
    const jump = run('ssh', ['-F', bed.sshConfig, '-N', 'bastion'], { timeout: 30_000 })
    await until(async () => (await live(bed)).some(({ hop }) => hop === 'outer'))
    await revoke(bed, { identity: 'ci/acme/shop' }, 'idle too')
    const { stderr } = await jump
    assert.match(stderr, /sallyport: session ended: identity ci\/acme\/shop is revoked: idle too/)
  })

  it('ends a forward, and every session of a shared connection', async () => {
    const master = ['-o', `ControlPath=${bed.folder}/shared`]
    const first = await holdSession(bed, [...master, '-M', 'direct', HOLD])
    const second = await holdSession(bed, [...master, 'direct', HOLD])
    const through = `127.0.0.1:${bed.sshd.port}`
    const forward = await holdSession(bed, [...master, '-W', through, 'direct'], 'SSH-2.0')
    await revoke(bed, { identity: 'ci/acme/shop' }, 'all of it')
    const ended = await Promise.all([first.ended, second.ended])
    for (const { status, stderr } of ended) {
      assert.equal(status, 255)
      assert.match(stderr, /sallyport: session ended: .* is revoked: all of it/)
    }
    await forward.ended
    assert.deepEqual(await live(bed), [])
  })

  it('leaves the sessions of others alone', async () => {
    await bed.certify('other', { sub: 'acme/other' })
    const other = [
      '-i',
      `${bed.folder}/other`,
      '-o',
      `CertificateFile=${bed.folder}/other-cert.pub`,
    ]
    const session = await holdSession(bed, [...other, 'direct', 'echo ready; cat'])
    await revoke(bed, { identity: 'ci/acme/shop' }, 'only one')
    session.write('still here\n')
    await session.printed('still here')
    session.stop()
    await session.ended
  })

  it('is still in force after a crash', async () => {
    await revoke(bed, { identity: 'ci/acme/shop' }, 'for good')
    await bed.kill()
    await bed.restart()
    assert.match((await bed.ssh(['web', 'true'])).stderr, /is revoked: for good/)
    await liftAll(bed)
    assert.equal((await bed.ssh(['web', 'true'])).status, 0)
  })

  it('does not start with a list that it cannot read', async () => {
    await bed.kill()
    await writeFile(`${bed.data}/revocations.json`, '{"format":"sallyport-revocations/1"')
    const { status, stderr } = await run(SALLYPORT, ['serve', '--config', bed.configFile])
    assert.equal(status, 1)
    assert.match(stderr, /revocations\.json is not whole JSON/)
    await rm(`${bed.data}/revocations.json`)
    await bed.restart()
  })

  it('is done from the command line', async () => {
    const session = await holdSession(bed, ['direct', HOLD])
    const key = `${bed.folder}/id-cert.pub`
    const revoked = await sallyport(bed, 'cert', 'revoke', '--key', key, '--reason', 'by hand')
    assert.equal(revoked.status, 0, revoked.stderr)
    const id = /^revoked, as ([0-9a-f]+)\nended {2}\S+ {2}ci\/acme\/shop {2}web\n$/.exec(
      revoked.stdout,
    )?.[1]
    assert.ok(id, revoked.stdout)
    assert.match((await session.ended).stderr, /is revoked: by hand/)
    const listed = await sallyport(bed, 'cert', 'revocations')
    assert.match(listed.stdout, /^\w+ {2}key {2}SHA256:\S+ {2}\S+ {2}until lifted {2}by hand\n$/)
    const lifted = await sallyport(bed, 'cert', 'lift', id)
    assert.deepEqual([lifted.status, lifted.stdout], [0, `lifted ${id}\n`])
    const again = await sallyport(bed, 'cert', 'lift', id)
    assert.deepEqual(
      [again.status, again.stderr],
      [1, `sallyport: no revocation has the id ${id}\n`],
    )
    const nothing = await sallyport(bed, 'cert', 'revoke', '--reason', 'of what?')
    assert.equal(nothing.status, 2)
  })
})

/** Resolves when no program has this number any more. */
async function gone(pid: number): Promise<void> {
  await until(async () => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  })
}
