import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callControl } from '@sallyport/bastion/control'
import type { TargetFile } from '@sallyport/bastion/onboard'
import { linesOf } from '../support/audit.ts'
import { openBed, type Bed } from '../support/bed.ts'
import { startCertifiedTarget, type CertifiedTarget } from '../support/certified-target.ts'
import { recorded } from '../support/recorded.ts'
import { bash } from '../support/run.ts'
import { sallyport } from '../support/sallyport.ts'

/** What `target onboard --json` prints. */
function filesIn(stdout: string): readonly TargetFile[] {
  return (JSON.parse(stdout) as { files: readonly TargetFile[] }).files
}

describe('a target without a static key', () => {
  let root: string
  let target: CertifiedTarget
  let bed: Bed

  const config = (principal: string): string => `
  - name: certified
    address: 127.0.0.1
    port: ${target.port}
    logins: [{ login: ${target.login}, certificate: { principals: [${principal}] } }]
    hostKeys: ['${target.hostKeyLine}']
`
  const files = async (): Promise<readonly TargetFile[]> => {
    const printed = await sallyport(
      bed,
      'target',
      'onboard',
      'certified',
      '--json',
      '--folder',
      target.folder,
    )
    assert.equal(printed.status, 0, printed.stderr)
    return filesIn(printed.stdout)
  }
  const through = (...args: readonly string[]) => bed.ssh(['-J', 'bastion', ...args])
  const change = async (kind: string, verb: string, force?: string): Promise<number> => {
    const path = `/api/authorities/${kind}/${verb}`
    const { status } = await callControl({ data: bed.data, method: 'POST', path, body: { force } })
    return status
  }
  const states = async (kind: string): Promise<string> => {
    const { body } = await callControl({ data: bed.data, method: 'GET', path: '/api/authorities' })
    const { authorities } = body as {
      authorities: Record<string, readonly { version: number; state: string }[]>
    }
    return (authorities[kind] ?? []).map(({ version, state }) => `${version} ${state}`).join(', ')
  }
  const verify = async (): Promise<number> => {
    const path = '/api/targets/certified/verify'
    const body = { login: target.login }
    const answer = await callControl({ data: bed.data, method: 'POST', path, body })
    const { logins } = answer.body as { logins: readonly { ok: boolean }[] }
    assert.ok(
      logins.every(({ ok }) => ok),
      JSON.stringify(logins),
    )
    return logins.length
  }

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'no-key-'))
    // sshd reads the principals of an account as that account.
    await bash(`chmod 755 ${root}`)
    target = await startCertifiedTarget(root)
    bed = await openBed({ config: config('test-web') })
  })
  after(async () => {
    await bed?.close()
    await target?.stop()
    if (root !== undefined) await rm(root, { recursive: true })
  })

  it('refuses us until it was told of our authority, and verify says at which step', async () => {
    const { status, stdout } = await sallyport(bed, 'target', 'verify', 'certified')
    assert.equal(status, 1)
    const [title, ...steps] = stdout.trimEnd().split('\n')
    assert.match(title ?? '', /^\S+@certified {2}by certificate of version 1 SHA256:\S{43}$/)
    assert.deepEqual(
      steps.map((line) => line.trim().split(/ +/).slice(0, 2).join(' ')),
      ['ok credential', 'ok reachable', 'ok host-key', 'FAILED login'],
    )
    const agent = await through('certified', 'id')
    assert.equal(agent.status, 255)
    assert.match(agent.stderr, /sallyport: target certified refused a certificate for test-web for/)
  })

  it('lets agents in once the printed files are in their place', async () => {
    await target.install(await files())
    const { status, stdout } = await sallyport(bed, 'target', 'verify', 'certified', '--json')
    assert.equal(status, 0, stdout)
    const { status: code, stdout: out, stderr } = await through('certified', ': tag-in; echo in')
    assert.deepEqual({ code, out }, { code: 0, out: 'in\n' }, stderr)
  })

  it('has the recording and the agent in the log of the target, and the same serial in the audit log', async () => {
    const [cast] = await recorded(bed, 'tag-in')
    const line = await target.logged(new RegExp(`ID session=${cast?.recordingId} `))
    const [, serial] =
      / ID session=\S+ agent=ci\/acme\/shop \(serial (\d+)\) CA ED25519 /.exec(line) ?? []
    const issued = linesOf(await bed.audit(), 'upstream.certified')
    const entry = issued.find((one) => one['serial'] === serial)
    assert.equal(entry?.['keyId'], `session=${cast?.recordingId} agent=ci/acme/shop`)
    assert.deepEqual(entry['principals'], ['test-web'])
    assert.equal(typeof entry['connectionId'], 'string')
  })

  it('gives the session what the certificate of the agent permits, and no more', async () => {
    const forward = ['-W', `127.0.0.1:${target.port}`, 'certified']
    assert.match((await through(...forward)).stdout, /^SSH-2\.0-OpenSSH/)
    assert.match(
      (await through('-tt', 'certified', 'test -t 0 && echo terminal')).stdout,
      /terminal/,
    )
    const certified = async (): Promise<unknown> =>
      linesOf(await bed.audit(), 'upstream.certified').at(-1)?.['permits']
    const all = ['permit-agent-forwarding', 'permit-port-forwarding', 'permit-pty']
    assert.deepEqual(await certified(), all)
    const bare = await bed.certify('bare', { kind: 'bare' })
    const options = ['-o', `IdentityFile=${bare}`, '-o', `CertificateFile=${bare}-cert.pub`]
    const login = ['-o', `User=${target.login}%certified`]
    const { stdout, stderr } = await bed.ssh([...login, ...options, 'direct', 'echo bare'])
    assert.equal(stdout, 'bare\n', stderr)
    assert.deepEqual(await certified(), [])
  })

  it('publishes the authority', async () => {
    const text = await (await fetch(`${bed.httpUrl}/ssh/upstream-ca.pub`)).text()
    assert.match(text, /^ssh-ed25519 \S+ sallyport-upstream-ca\n$/)
    assert.equal(readFileSync(join(target.folder, 'sallyport_ca.pub'), 'utf8'), text)
  })

  it('promotes no key that the target has not taken, unless forced', async () => {
    const made = await sallyport(bed, 'authority', 'next', 'upstream')
    assert.match(made.stdout, /^upstream {2}version 1 {2}active .*\nupstream {2}version 2 {2}next /)
    const { status, stderr } = await sallyport(bed, 'authority', 'promote', 'upstream')
    assert.equal(status, 1)
    assert.equal(
      stderr,
      `sallyport: not verified yet with version 2: ${target.login}@certified (127.0.0.1 port ${target.port}, as test-web)\n`,
    )
    assert.equal(await change('upstream', 'promote'), 409)
    assert.equal(await states('upstream'), '1 active, 2 next')
    const refused = linesOf(await bed.audit(), 'authority.refused')
    assert.match(String(refused.at(-1)?.['refusal']), /^not verified yet/)
  })

  it('changes all three authorities under agents that connect all the time, and none of them fails', async () => {
    const stop = join(bed.folder, 'stop')
    const agents = bed.sh(
      `for agent in 1 2; do
         (for i in $(seq 200); do
            [ -f ${stop} ] && break
            ssh -F $C -J bastion certified "echo $agent" < /dev/null || echo failed
          done) &
       done; wait`,
      { timeout: 170_000 },
    )
    let done = false
    void agents.then(() => (done = true))
    const knownHosts = join(bed.folder, 'known_hosts')
    const plain = readFileSync(knownHosts, 'utf8')
      .split('\n')
      .find((line) => line.startsWith('plain'))
    const shown = async (): Promise<void> => {
      const authorities = await (await fetch(`${bed.httpUrl}/ssh/known_hosts`)).text()
      await writeFile(`${knownHosts}.new`, `${authorities}${plain}\n`)
      await bash(`mv ${knownHosts}.new ${knownHosts}`)
    }
    try {
      await target.write(await files())
      assert.equal(await verify(), 2)
      assert.equal(await change('upstream', 'promote'), 200)
      assert.equal(await verify(), 1)

      assert.equal(await change('user', 'next'), 200)
      assert.equal(await change('user', 'promote'), 200)
      await bed.certify('later')
      assert.equal(await change('user', 'retire'), 409)

      assert.equal(await change('host', 'next'), 200)
      await shown()
      assert.equal(await change('host', 'promote'), 409)
      assert.equal(await change('host', 'promote', 'known_hosts is out'), 200)
      assert.equal((await through('certified', 'echo in between')).stdout, 'in between\n')
      assert.equal(await change('host', 'retire'), 200)
      await shown()
      assert.equal(await change('upstream', 'retire', 'the target has the new one'), 200)
      await target.write(await files())
      assert.equal((await through('certified', 'echo at the end')).stdout, 'at the end\n')
      assert.equal(done, false, 'the agents were done before')
    } finally {
      await writeFile(stop, '')
    }
    const { stdout, stderr } = await agents
    const answers = stdout.trimEnd().split('\n')
    assert.ok(answers.length > 8, stdout)
    assert.ok(
      answers.every((line) => line === '1' || line === '2'),
      `${stdout}\n${stderr}`,
    )
    assert.deepEqual(
      [await states('upstream'), await states('user'), await states('host')],
      ['1 retired, 2 active', '1 retiring, 2 active', '1 retired, 2 active'],
    )
    const forced = linesOf(await bed.audit(), 'authority.promoted').find(
      (one) => one['authority'] === 'host',
    )
    assert.equal(forced?.['reason'], 'known_hosts is out')
    assert.match(String(forced['despite']), /^clients that have not fetched/)
  })

  it('trusts the new key alone, over a restart too, and the old key is gone', async () => {
    const text = readFileSync(join(target.folder, 'sallyport_ca.pub'), 'utf8')
    assert.equal(text.split('\n').length, 2)
    await bed.kill()
    await bed.restart()
    assert.equal((await through('certified', 'echo again')).stdout, 'again\n')
    const vault = JSON.parse(readFileSync(join(bed.data, 'vault.json'), 'utf8'))
    const kept = vault.records.find(({ id }: { id: string }) => id === 'authority:upstream')
    assert.deepEqual(
      kept.versions.map(({ version }: { version: number }) => version),
      [2],
    )
  })

  it('refuses agents whose user authority is retired, and takes those that come again', async () => {
    assert.equal(await change('user', 'retire', 'the old key is stolen'), 200)
    const { status, stderr } = await bed.ssh(['direct', 'echo in'])
    assert.equal(status, 255)
    assert.match(stderr, /sallyport: .*authority/)
    await bed.certify()
    assert.equal((await bed.ssh(['direct', 'echo in'])).stdout, 'in\n')
  })

  it('is verified and changed from the files when no bastion runs, and that is audited', async () => {
    await bed.kill()
    const plain = readFileSync(bed.configFile, 'utf8')
    const from = (block: string): Promise<void> =>
      writeFile(
        bed.configFile,
        plain.replace('names: [bastion]', `names: [bastion], upstreamAddress: ['${block}']`),
      )
    await from('192.0.2.0/24')
    const elsewhere = await sallyport(bed, 'target', 'verify', 'certified')
    assert.equal(elsewhere.status, 1)
    assert.match(elsewhere.stdout, /FAILED {2}login /)
    await from('127.0.0.0/8')
    const verified = await sallyport(bed, 'target', 'verify', 'certified', '--json')
    assert.equal(verified.status, 0, verified.stdout)
    const listed = await sallyport(bed, 'authority', 'list')
    assert.match(listed.stdout, /^user {2}version 1 {2}retired /)
    const made = await sallyport(bed, 'authority', 'next', 'upstream', '--json')
    assert.equal(made.status, 0, made.stderr)
    const [line] = linesOf(await bed.audit(), 'authority.next-made').slice(-1)
    assert.match(String(line?.['by']), /^command line/)
    await bed.restart()
    assert.equal(await states('upstream'), '1 retired, 2 active, 3 next')
  })

  it('says what is wrong with the question', async () => {
    for (const [args, status, message] of [
      [['target', 'onboard', 'web'], 1, /has no login with a certificate/],
      [['target', 'verify', 'nowhere'], 1, /there is no target named nowhere/],
      [['target', 'verify'], 2, /name one target, or say --all/],
      [['target', 'onboard', 'certified', '--folder', '/etc/$(id)'], 2, /absolute path/],
    ] as const) {
      const result = await sallyport(bed, ...args)
      assert.equal(result.status, status, result.stderr)
      assert.match(result.stderr, message)
    }
  })
})
