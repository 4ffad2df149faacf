import { strict as assert } from 'node:assert'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { linesOf } from '../../support/audit.ts'
import { openBed, SALLYPORT, type Bed } from '../../support/bed.ts'
import { holdSession } from '../../support/held-session.ts'
import { eventsOf, recorded } from '../../support/recorded.ts'
import { run } from '../../support/run.ts'
import { live, sallyport } from '../../support/sallyport.ts'
import { until } from '../../support/until.ts'

const HOLD = 'echo ready; exec cat'

describe('control: from the command line', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed({ config: 'limits: { endWithCertificate: true }' })
  })
  after(async () => {
    await bed?.close()
  })

  it('ends one recorded session, which hears and records why', async () => {
    const goes = await holdSession(bed, ['web', `: tag-goes; ${HOLD}`])
    const [connection] = (await live(bed)).filter(({ hop }) => hop === '-J')
    const stays = await holdSession(bed, ['direct', HOLD])
    const id = String(connection?.['recordingId'])
    const listed = await sallyport(bed, 'session', 'list')
    assert.match(listed.stdout, new RegExp(`  ${id}  -J  ci/acme/shop  `))

    const { status, stdout } = await sallyport(bed, 'session', 'terminate', id, '--reason', 'lunch')
    assert.equal(status, 0)
    assert.match(stdout, /^ended {2}\S+ {2}ci\/acme\/shop {2}web\n$/)
    const ended = await goes.ended
    assert.equal(ended.status, 255)
    assert.match(ended.stderr, /sallyport: session ended: lunch/)
    const [cast] = await recorded(bed, 'tag-goes')
    assert.equal(cast?.recordingId, id)
    assert.equal(cast.streams.stderr.toString(), 'sallyport: session ended: lunch\n')
    assert.match(await eventsOf(cast), /"reason":"lunch"/)
    const [line] = linesOf(await bed.audit(), 'live.terminated')
    assert.equal(line?.['reason'], 'lunch')

    stays.write('still here\n')
    await stays.printed('still here')
    stays.stop()
    await stays.ended
    const again = await sallyport(bed, 'session', 'terminate', id, '--reason', 'lunch')
    assert.deepEqual(
      [again.status, again.stderr],
      [1, `sallyport: no live connection or recording has the id ${id}\n`],
    )
  })

  it('ends a connection that has no session, by the disconnect alone', async () => {
    await until(async () => (await live(bed)).length === 0)
    const ended = run('ssh', ['-F', bed.sshConfig, '-N', 'direct'], { timeout: 60_000 })
    await until(async () => (await live(bed)).length === 1)
    const [connection] = await live(bed)
    const id = String(connection?.['connectionId'])
    await sallyport(bed, 'session', 'terminate', id, '--reason', 'nothing here')
    assert.match((await ended).stderr, /sallyport: session ended: nothing here/)
  })

  it('ends a connection with its certificate where that is configured', async () => {
    await bed.certify('short', {}, { valid_for: '8' })
    const short = [
      '-i',
      `${bed.folder}/short`,
      '-o',
      `CertificateFile=${bed.folder}/short-cert.pub`,
    ]
    const session = await holdSession(bed, [...short, 'direct', HOLD])
    const { status, stderr } = await session.ended
    assert.equal(status, 255)
    assert.match(stderr, /sallyport: session ended: its certificate has ended/)
  })

  it('refuses a second bastion in the same folder; the first one stays in charge', async () => {
    const second = await run(SALLYPORT, ['serve', '--config', bed.configFile])
    assert.equal(second.status, 1)
    assert.match(second.stderr, /is in use by process/)
    const { mode } = await stat(join(bed.data, 'control.sock'))
    assert.equal((mode & 0o7777).toString(8), '600')
    assert.deepEqual(await live(bed), [])
  })

  it('comes back after a crash, in the place of the socket that was left behind', async () => {
    await bed.kill()
    const dead = await sallyport(bed, 'session', 'list')
    assert.equal(dead.status, 1)
    assert.equal(dead.stderr, `sallyport: no bastion runs with the data folder ${bed.data}\n`)
    await bed.restart()
    assert.deepEqual(await live(bed), [])
  })
})
