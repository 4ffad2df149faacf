import { strict as assert } from 'node:assert'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { openEmulator } from '../bastion/shell/emulator.ts'
import { openBed, SALLYPORT, type Bed } from '../support/bed.ts'
import { run, type Finished } from '../support/run.ts'
import { sallyport } from '../support/sallyport.ts'
import type { Sshd } from '../support/sshd.ts'

const targets = ({ port, login, hostKeyLine, authorizedKeys }: Sshd): string =>
  ['one', 'two']
    .map(
      (name) => `
  - name: ${name}
    address: 127.0.0.1
    port: ${port}
    labels: { env: prod }
    logins: [{ login: ${login}, key: ${name}, rotation: { authorizedKeys: [${authorizedKeys}], recoveryKey: spare } }]
    hostKeys: ['${hostKeyLine}']`,
    )
    .join('')

describe('rotation of the keys of a running bastion', function () {
  this.timeout(300_000)
  let bed: Bed
  before(async () => {
    bed = await openBed({ keys: ['one', 'two', 'spare'], config: targets })
    await bed.certify()
  })
  after(() => bed.close())

  const key = (...args: readonly string[]): Promise<Finished> => sallyport(bed, 'key', ...args)

  it('says what it would do, and changes nothing', async () => {
    const before = await readFile(bed.sshd.authorizedKeys)
    const { status, stdout } = await key('rotate', 'one', '--dry-run')
    assert.equal(status, 0, stdout)
    assert.equal(
      stdout,
      `key one\n  ${bed.sshd.login}@one  ${bed.sshd.authorizedKeys}\nnothing was changed; it could begin\n`,
    )
    assert.deepEqual(await readFile(bed.sshd.authorizedKeys), before)
    const refused = await key('rotate', '--label', 'env=test', '--dry-run')
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /the key web also lets in at liar, which is not selected/)
    const nobody = await key('rotate', 'nothing')
    assert.match(nobody.stderr, /there is no key of a login, or target, named nothing/)
  })

  it('fails no agent that connects meanwhile, and leaves exactly the new keys', async () => {
    const before = (await readFile(bed.sshd.authorizedKeys, 'utf8')).trimEnd().split('\n')
    let stop = false
    const ends: Finished[] = []
    const agent = async (target: string): Promise<void> => {
      while (!stop && ends.length < 500)
        ends.push(await bed.ssh(['-o', 'ProxyJump=bastion', target, 'true']))
    }
    const agents = Promise.all([agent('one'), agent('two')])
    const rotated = await key('rotate', '--label', 'env=prod')
    const again = await key('rotate', 'one', 'two', '--json')
    stop = true
    await agents
    assert.equal(rotated.status, 0, rotated.stdout + rotated.stderr)
    assert.match(rotated.stdout, /done: 2 of 2 rotated, 0 refused, 0 unfinished, 0 not begun\n$/)
    assert.equal(again.status, 0, again.stdout)
    const failed = ends.filter(({ status }) => status !== 0)
    assert.ok(ends.length > 2, `${ends.length} connections`)
    assert.deepEqual(
      failed.map(({ stderr }) => stderr),
      [],
    )
    const after = (await readFile(bed.sshd.authorizedKeys, 'utf8')).trimEnd().split('\n')
    assert.equal(after.length, before.length)
    assert.deepEqual(after.slice(0, 2), before.slice(0, 2))
    // The account's other keys, and the spare one, are as they were.
    assert.deepEqual(
      after.filter((line) => before.includes(line)),
      [...before.slice(0, 2), ...before.slice(4)],
    )
  })

  it('shows how each login stands, and finds one that no longer works', async () => {
    const verified = await key('verify', 'one', 'two')
    assert.equal(verified.status, 0, verified.stdout)
    const shown = await key('show')
    assert.match(shown.stdout, /@one {2}one {2}v3 {2}since .*SHA256:.*accepted .*rotation done/)
    const text = await readFile(bed.sshd.authorizedKeys, 'utf8')
    const without = text.split('\n').filter((line) => !line.includes('sallyport one'))
    await writeFile(bed.sshd.authorizedKeys, without.join('\n'))
    const lost = await key('verify', '--target', 'one', '--json')
    assert.equal(lost.status, 1)
    assert.match(lost.stdout, /"result":"refused"/)
    assert.ok((await bed.audit()).some(({ event }) => event === 'rotation.drift'))
    const refused = await key('rotate', 'one')
    assert.equal(refused.status, 1)
    assert.match(refused.stdout, /one {2}refused {2}.*target one refused the key one/)
    const repaired = await key('repair', 'one', 'two')
    assert.equal(repaired.status, 0, repaired.stdout)
    assert.match(repaired.stdout, /@one {2}repaired\n.*@two {2}sound\n/)
    assert.equal((await key('verify', 'one')).status, 0)
  })

  it('goes back, and on again after the bastion was killed in the middle', async () => {
    const back = await key('rollback', 'two')
    assert.equal(back.status, 0, back.stdout + back.stderr)
    const begun = await key('rotate', 'one', 'two', '--detach')
    const id = /^run (\S+)/.exec(begun.stdout)?.[1] ?? ''
    await bed.kill()
    await bed.restart()
    const watched = await key('watch', id)
    assert.equal(watched.status, 0, watched.stdout + watched.stderr)
    assert.equal((await key('verify', 'one', 'two')).status, 0)
    const { status } = await bed.ssh(['-o', 'ProxyJump=bastion', 'one', 'true'])
    assert.equal(status, 0)
  })

  it('begins nothing by hand in a freeze without a reason, and shows on a terminal how it goes on', async () => {
    const until = new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString()
    await bed.kill()
    await appendFile(
      bed.configFile,
      `
rotation:
  schedules: [{ name: yearly, every: 52w, keys: [one], hours: { days: [Mon], tz: Europe/Berlin } }]
  freezes: [{ name: launch, from: 2026-01-01T00:00:00Z, until: ${until} }]
`,
    )
    await bed.restart()
    const said = `freeze launch: frozen until ${until}`
    const refused = await key('rotate', 'one')
    assert.equal(refused.status, 1)
    assert.equal(
      refused.stderr,
      `sallyport: ${said}; at the command line, --despite-freeze REASON goes past it\n`,
    )
    const plan = await key('rotate', 'one', '--dry-run')
    assert.equal(plan.status, 1)
    assert.ok(plan.stdout.endsWith(`${said}\nnothing was changed; it would not begin\n`))

    const line = `"$0" key rotate one two --type ecdsa --despite-freeze leaked --config "$1"`
    const shown = await run('script', [
      '-qec',
      line.replace('$0', SALLYPORT).replace('$1', bed.configFile),
      '/dev/null',
    ])
    assert.equal(shown.status, 0, shown.stdout)
    assert.match(shown.stdout, /\[-{24}\] 0 of 2 rotated, 1 running/)
    assert.match(shown.stdout, /one {2}\S+@one {2}(?:adding|added|verified|removed)/)
    const emulator = openEmulator(80, 24)
    await emulator.write(shown.stdout)
    const rows = emulator.rows()
    emulator.dispose()
    assert.match(rows[0] ?? '', /^run /)
    assert.deepEqual(rows.slice(1), ['done: 2 of 2 rotated, 0 refused, 0 unfinished, 0 not begun'])
    const began = (await bed.audit()).findLast(({ event }) => event === 'rotation.run-began')
    assert.deepEqual(began?.['despiteFreeze'], { reason: 'leaked', until })

    const schedules = await key('schedule')
    assert.match(schedules.stdout, /^schedule {2}yearly {2}every 52w {2}jitter 1h {2}type ed25519 /)
    assert.match(schedules.stdout, /\n {2}one {2}next by yearly 20\d\d-/)
    assert.ok(schedules.stdout.includes(`\nfreeze  launch  from `))
    const all = JSON.parse((await key('schedule', '--json')).stdout) as Record<string, unknown[]>
    assert.deepEqual([all['schedules']?.length, all['freezes']?.length], [1, 1])
    const places = await key('show')
    assert.match(places.stdout, /@one {2}one {2}.*rotation done {2}.*next by yearly 20\d\d-/)
  })
})
