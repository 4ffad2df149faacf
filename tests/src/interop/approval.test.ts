import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { callControl } from '@sallyport/bastion/control'
import { openBed, type Bed } from '../support/bed.ts'
import { recorded } from '../support/recorded.ts'
import type { Finished } from '../support/run.ts'
import { sallyport } from '../support/sallyport.ts'

const POLICY = `
version: 1
rules:
  - id: look
    effect: allow
    run: { argv: [{ oneOf: [echo, cat] }], rest: any }
  - id: restart
    effect: approve
    approve: { by: { groups: [control-socket] }, ttl: 60s, grant: 30m, ends_sessions: true }
    run: { argv: [{ oneOf: [seq, sleep] }, { int: [1, 100000] }] }
  - id: quick
    effect: approve
    approve: { by: { groups: [control-socket] }, ttl: 1s }
    run: { argv: [id] }
  - id: staff
    effect: approve
    approve: { by: { groups: [control-socket] }, ttl: 10m }
    shell: { pty: any, mode: guarded }
  - id: language
    effect: allow
    env: { STAGE: '*', REGION: '*' }
  - id: not-for-the-socket
    effect: approve
    approve: { by: { groups: [sre] } }
    run: { argv: [uname] }
`

interface Waiting {
  readonly ticket: string
  readonly text: string
}

describe('approval over -J', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed({ policy: POLICY })
  })
  after(async () => {
    await bed?.close()
  })

  const approval = (...args: readonly string[]): Promise<Finished> =>
    sallyport(bed, 'approval', ...args)
  const waiting = async (): Promise<readonly Waiting[]> => {
    const { stdout } = await approval('list', '--json')
    return (JSON.parse(stdout) as { rows: Waiting[] }).rows
  }
  /** The ticket of what waits, once it does. */
  const ticketOf = async (part: string): Promise<string> => {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = (await waiting()).find(({ text }) => text.includes(part))
      if (found !== undefined) return found.ticket
      await sleep(50)
    }
    throw new Error(`nothing like ${part} waits`)
  }

  const started = async (text: string): Promise<void> => {
    for (let tries = 0; tries < 200; tries += 1) {
      const lines = await bed.audit()
      if (lines.some((line) => line['event'] === 'decide.allowed' && line['text'] === text)) return
      await sleep(50)
    }
    throw new Error(`${text} does not start`)
  }

  it('holds a command in the agent’s own connection, and runs it when it is approved', async () => {
    const agent = bed.ssh(['web', 'seq 3'])
    const ticket = await ticketOf("'seq' '3'")
    const { stdout: shown } = await approval('show', ticket)
    assert.match(shown, /^runs {6}"?seq"? "?3"?$/m)
    const { status, stdout } = await approval('approve', ticket, '--reason', 'a test')
    assert.equal(status, 0, stdout)
    const finished = await agent
    assert.deepEqual([finished.status, finished.stdout], [0, '1\n2\n3\n'])
    assert.match(finished.stderr, /rule restart asks for approval by control-socket/)
    assert.match(finished.stderr, new RegExp(`/approvals/${ticket}`))
    assert.match(finished.stderr, /approved by control socket/)
    const [found] = await recorded(bed, 'seq 3')
    const marks = found?.cast.events.filter(({ code }) => code === 'm').map(({ text }) => text)
    assert.deepEqual(marks, ['waiting for approval', 'approved', 'allow  seq 3'])
  })

  it('shows those who decide the variables that the agent has set', async () => {
    const set = 'SetEnv=STAGE=one REGION=eu LANG=de_DE.UTF-8 OTHER=x'
    const agent = bed.ssh(['-o', set, 'web', 'seq 5'])
    const ticket = await ticketOf("'seq' '5'")
    const { stdout: shown } = await approval('show', ticket)
    assert.deepEqual(shown.match(/^variable .*$/gm), [
      'variable  "STAGE=one"',
      'variable  "REGION=eu"',
    ])
    await approval('deny', ticket, '--reason', 'a test')
    await agent
  })

  it('holds a shell, says what it is, and judges its lines once it is approved', async () => {
    const agent = bed.ssh(['web'], { input: 'echo in the shell\n' })
    const ticket = await ticketOf('a guarded shell without a terminal')
    const { stdout: shown } = await approval('show', ticket)
    assert.match(shown, /^sends {5}"a guarded shell without a terminal"$/m)
    await approval('approve', ticket, '--reason', 'a test')
    const finished = await agent
    assert.deepEqual([finished.status, finished.stdout], [0, 'in the shell\n'], finished.stderr)
  })

  it('refuses with 126 and the reason', async () => {
    const agent = bed.ssh(['web', 'seq 4'])
    const ticket = await ticketOf("'seq' '4'")
    await approval('deny', ticket, '--reason', 'not today')
    const { status, stdout, stderr } = await agent
    assert.deepEqual([status, stdout], [126, ''])
    assert.match(stderr, /denied by rule restart: refused by control socket.*: not today/)
  })

  it('ends with 124 when nobody decides in time', async () => {
    const { status, stdout, stderr } = await bed.ssh(['web', 'id'])
    assert.deepEqual([status, stdout], [124, ''])
    assert.match(stderr, /denied by rule quick: nobody approved it in time/)
  })

  it('forgets the request of an agent that goes, which nobody can approve then', async () => {
    const agent = bed.ssh(['web', 'seq 5'], { timeout: 3000 })
    const ticket = await ticketOf("'seq' '5'")
    await agent
    for (let tries = 0; (await waiting()).length > 0 && tries < 100; tries += 1) await sleep(50)
    const { status } = await approval('approve', ticket)
    assert.equal(status, 1)
  })

  it('lets nobody decide whom the rule does not name', async () => {
    const agent = bed.ssh(['web', 'uname'], { timeout: 4000 })
    const ticket = await ticketOf("'uname'")
    const { status, stdout } = await approval('approve', ticket)
    assert.equal(status, 1)
    assert.match(stdout, /leaves this to sre/)
    await agent
  })

  it('stalls no sibling channel while one waits', async () => {
    const agent = bed.sh(
      `ssh -F $C -o ControlMaster=yes -o ControlPath=$D/held -fN web
       ssh -F $C -S $D/held web 'seq 6' < /dev/null > held.out 2> held.err &
       sleep 1; ssh -F $C -S $D/held web 'echo sibling' < /dev/null; [ -s held.out ] || echo still held
       wait %1; cat held.out | wc -l; ssh -F $C -S $D/held -O exit web 2> /dev/null`,
    )
    const ticket = await ticketOf("'seq' '6'")
    await sleep(3000)
    await approval('approve', ticket)
    assert.equal((await agent).stdout, 'sibling\nstill held\n6\n')
  })

  it('asks no more under a grant, and ends what runs under it when it is taken back', async () => {
    const agent = bed.ssh(['web', 'seq 7'])
    await approval('approve', await ticketOf("'seq' '7'"), '--grant', '600')
    assert.equal((await agent).status, 0)
    const { status, stdout, stderr } = await bed.ssh(['web', 'seq 8'])
    assert.deepEqual([status, stdout.split('\n').length, stderr], [0, 9, ''])
    const long = bed.ssh(['web', 'sleep 100'])
    await started('sleep 100')
    const { body } = await callControl({ data: bed.data, method: 'GET', path: '/api/grants' })
    const [grant] = (body as { rows: { id: string }[] }).rows
    const path = `/api/grants/${grant?.id}/revoke`
    await callControl({ data: bed.data, method: 'POST', path, body: { reason: 'enough' } })
    const ended = await long
    assert.equal(ended.status, 126)
    assert.match(
      ended.stderr,
      /sallyport: ended: the grant for rule restart has ended: it was taken back/,
    )
  })

  it('cancels what waits when the bastion restarts, and runs it never', async () => {
    const held = bed.ssh(['web', 'uname'], { timeout: 20_000 })
    const ticket = await ticketOf("'uname'")
    await bed.kill()
    const { stdout } = await held
    assert.equal(stdout, '')
    await bed.restart()
    assert.deepEqual(await waiting(), [])
    const { status } = await approval('approve', ticket)
    assert.equal(status, 1)
  })
})
