import { strict as assert } from 'node:assert'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTransit, type TransitDouble } from '../keys/vault/transit-double.ts'
import { openBed, SALLYPORT, type Bed } from '../support/bed.ts'
import { holdSession, type HeldSession } from '../support/held-session.ts'
import { run, type Finished } from '../support/run.ts'
import { runHere, sallyport } from '../support/sallyport.ts'

describe('a bastion whose KEK is in a key engine', function () {
  this.timeout(300_000)
  let bed: Bed
  let engine: TransitDouble
  let held: HeldSession
  const at = (name: string): string => join(bed.folder, name)
  const writeToken = (token: string): void => {
    writeFileSync(at('token.new'), token, { mode: 0o600 })
    renameSync(at('token.new'), at('token'))
  }
  const web = (): Promise<Finished> => bed.ssh(['direct', 'echo in'])
  const unreachable = /target web cannot be logged in to: its key web is not to be had/

  before(async () => {
    engine = await startTransit()
    bed = await openBed()
    writeToken(engine.token)
    const entry = `vault: { kek: { kind: transit, address: '${engine.address}', key: kek, tokenFile: ${at('token')}, timeout: 1 } }`
    writeFileSync(at('entry.yaml'), `${entry}\n`)
    const { status, stderr } = await sallyport(bed, 'key', 'rewrap', '--to', at('entry.yaml'))
    assert.equal(status, 0, stderr)
    const config = readFileSync(bed.configFile, 'utf8')
    writeFileSync(bed.configFile, config.replace(/^vault: .*$/m, entry))
    await bed.kill()
    await bed.restart()
    held = await holdSession(bed, ['direct', 'echo ready; cat'])
  })
  after(async () => {
    held?.stop()
    await bed?.close()
    await engine?.close()
  })

  async function assertHeld(text: string): Promise<void> {
    held.write(`${text}\n`)
    await held.printed(text)
  }

  it('goes on with its sessions while the engine is sealed, certifies agents, and lets new ones in later', async () => {
    engine.sealed = true
    await assertHeld('while it is sealed')
    await bed.certify()
    const refused = await web()
    assert.equal(refused.status, 255)
    assert.match(refused.stderr, unreachable)
    const events = (await bed.audit()).map((one) => JSON.stringify(one))
    assert.ok(events.some((line) => line.includes('is sealed or in maintenance: Vault is sealed')))
    engine.sealed = false
    assert.equal((await web()).stdout, 'in\n')
    await assertHeld('and after it')
  })

  it('refuses a new session in time when the engine does not answer', async () => {
    engine.instead = () => {}
    try {
      assert.match((await web()).stderr, unreachable)
      await assertHeld('while it is silent')
    } finally {
      engine.instead = undefined
    }
    assert.equal((await web()).stdout, 'in\n')
  })

  it('lets agents in over a failure that passes', async () => {
    engine.instead = (response) => {
      engine.instead = undefined
      response.destroy()
    }
    assert.equal((await web()).stdout, 'in\n')
  })

  it('takes a renewed token without a restart', async () => {
    engine.token = 'hvs.renewed'
    assert.match((await web()).stderr, unreachable)
    writeToken('hvs.renewed')
    assert.equal((await web()).stdout, 'in\n')
    await assertHeld('over a renewed token')
  })

  it('shows in the list which key seals it', async () => {
    const { stdout } = await sallyport(bed, 'key', 'list')
    assert.match(stdout, /\nsealed with transit:transit\/kek: .*web v1.*, upstream authority v1\n$/)
  })

  it('says why it does not start without the engine, and starts with it', async () => {
    held.stop()
    await bed.kill()
    engine.sealed = true
    const { status, stderr } = await run(SALLYPORT, ['serve', '--config', bed.configFile])
    assert.equal(status, 1)
    assert.match(stderr, /the transit engine at \S+ is sealed or in maintenance: Vault is sealed/)
    engine.sealed = false
    await bed.restart()
    await bed.certify()
    assert.equal((await web()).stdout, 'in\n')
  })

  it('leaves the engine for a file while it runs', async () => {
    const init = await runHere('key', 'init', at('own'))
    assert.equal(init.status, 0, init.stderr)
    writeFileSync(at('own.yaml'), 'vault: { keyFile: own }\n')
    const rewrapped = await sallyport(bed, 'key', 'rewrap', '--to', at('own.yaml'))
    assert.equal(rewrapped.status, 0, rewrapped.stderr)
    engine.sealed = true
    assert.equal((await web()).stdout, 'in\n')
  })
})
