import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sshdFiles, tryLogin, type LoginTrial } from '@sallyport/bastion/onboard'
import type { Route } from '@sallyport/bastion/route'
import { certifyLogin, createAuthority } from '@sallyport/keys/authority'
import type { Authority, LoginRequest } from '@sallyport/keys/authority'
import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import { signerFor } from '../../keys/certificate/forge.ts'
import { startCertifiedTarget, type CertifiedTarget } from '../../support/certified-target.ts'

const session = 'rec-0001'
const unlisted = /Certificate does not contain an authorized principal/

describe('tryLogin: certificates at a real sshd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'try-login-'))
  let clock = Date.now
  let authority: Authority
  let sshd: CertifiedTarget

  const newAuthority = (): Authority => {
    const signer = signerFor(generateKeyPairSync('ed25519').privateKey)
    return createAuthority({ signer, kind: 'upstream', now: () => clock() })
  }
  before(async () => {
    // sshd reads the principals of an account as that account.
    chmodSync(folder, 0o755)
    authority = newAuthority()
    sshd = await startCertifiedTarget(folder)
    const files = sshdFiles({
      logins: [
        { login: sshd.login, certificate: { principals: ['prod-web', 'prod-all'] } },
        { login: 'nobody', certificate: { principals: ['prod-none'] } },
      ],
      authorities: [authority.publicKey],
      folder: sshd.folder,
    })
    await sshd.install(files)
  })
  beforeEach(() => {
    clock = Date.now
  })
  after(async () => {
    await sshd?.stop()
    rmSync(folder, { recursive: true })
  })

  interface Trial {
    readonly login?: string
    readonly port?: number
    readonly hostKey?: string
    readonly authority?: Authority
    readonly certificate?: Partial<LoginRequest>
    /** Milliseconds that our clock is ahead. */
    readonly ahead?: number
  }
  function attempt(trial: Trial = {}): Promise<LoginTrial> {
    const { login = sshd.login, port = sshd.port, hostKey = sshd.hostKeyLine } = trial
    clock = () => Date.now() + (trial.ahead ?? 0)
    const pinned = hostKey === '' ? undefined : parsePublicKeyLine(hostKey).blob
    const principals = trial.certificate?.principals ?? ['prod-web']
    const route: Route = {
      target: { name: 'web', address: '127.0.0.1', port, labels: {}, logins: [] },
      login: { login, certificate: { principals } },
    }
    const request: LoginRequest = {
      principals,
      session,
      agent: 'ci/acme/shop',
      permits: { pty: false, portForwarding: false, agentForwarding: false },
      sourceAddresses: [],
      ...trial.certificate,
    }
    return tryLogin({
      route,
      trust: {
        algorithms: pinned === undefined ? [] : ['ssh-ed25519'],
        check: (offered) =>
          pinned?.equals(offered) === true
            ? { kind: 'pinned' }
            : { kind: 'refused', reason: 'its host key is another' },
      },
      credential: async () => certifyLogin(trial.authority ?? authority, request, clock()),
      timeout: 20_000,
      signal: new AbortController().signal,
    })
  }
  const steps = ({ steps: all }: LoginTrial): string =>
    all.map(({ step, ok }) => (ok ? step : `no ${step}`)).join(', ')
  async function refusedAtLogin(trial: Trial, log: RegExp): Promise<void> {
    const before = (await sshd.log()).length
    const result = await attempt(trial)
    assert.equal(result.ok, false)
    assert.equal(steps(result), 'credential, reachable, host-key, no login')
    assert.match(
      result.steps.at(-1)?.detail ?? '',
      /^target web refused a certificate for [a-z-]+ for/,
    )
    await sshd.logged(log, before)
    await sshd.logged(
      /Failed publickey for \w+ .* ID session=rec-0001 agent=ci\/acme\/shop/,
      before,
    )
  }

  it('logs in, runs a command, and says who we are; the log of the target names the session', async () => {
    const result = await attempt()
    assert.equal(result.ok, true, JSON.stringify(result))
    assert.equal(steps(result), 'credential, reachable, host-key, login, command, account')
    assert.equal(result.steps.at(-1)?.detail, `we are "${sshd.login}"`)
    const line = await sshd.logged(/Accepted publickey/)
    assert.match(
      line,
      /ED25519-CERT SHA256:\S+ ID session=rec-0001 agent=ci\/acme\/shop \(serial \d+\) CA ED25519/,
    )
  })

  it('is let in for any role that the target lists', async () => {
    assert.equal((await attempt({ certificate: { principals: ['x', 'prod-all'] } })).ok, true)
  })

  it('is refused for a role that the target does not list, also when it is called like the account', async () => {
    await refusedAtLogin({ certificate: { principals: ['prod-db'] } }, unlisted)
    await refusedAtLogin({ certificate: { principals: [sshd.login] } }, unlisted)
  })

  it('is refused for an account that the roles are not of', async () => {
    await refusedAtLogin({ login: 'nobody' }, unlisted)
  })

  it('is refused with a certificate that has ended or has not begun', async () => {
    await refusedAtLogin({ ahead: -62_000 }, /Certificate invalid: expired/)
    await refusedAtLogin({ ahead: 60_000 }, /Certificate invalid: not yet valid/)
  })

  it('is let in when a clock is behind by less than half a minute, or ahead by less than a minute', async () => {
    assert.equal((await attempt({ ahead: 20_000 })).ok, true)
    assert.equal((await attempt({ ahead: -40_000 })).ok, true)
  })

  it('is let in from the addresses that the certificate is bound to, and from no others', async () => {
    const from = (...sourceAddresses: string[]): Trial => ({ certificate: { sourceAddresses } })
    assert.equal((await attempt(from('10.0.0.0/8', '127.0.0.0/8'))).ok, true)
    await refusedAtLogin(from('192.0.2.0/24'), /not from a permitted source address/)
  })

  it('is refused with a certificate of another authority', async () => {
    await refusedAtLogin({ authority: newAuthority() }, /Failed publickey/)
  })

  it('tells an account that runs nothing from one that is not let in', async () => {
    // Only root's sshd lets others in than its own account.
    if (process.getuid?.() !== 0) return
    const result = await attempt({ login: 'nobody', certificate: { principals: ['prod-none'] } })
    assert.equal(steps(result), 'credential, reachable, host-key, login, no command')
    assert.equal(result.steps.at(-1)?.detail, 'true ended with status 1')
  })

  it('says which step fails before the login', async () => {
    const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWaFqbdtyDyxV0j1kmfkeH9FgcdOGnFLcpDrm7mqbtm'
    for (const [trial, expected, detail] of [
      [{ port: 1 }, 'credential, no reachable', /^target web could not be reached: ECONNREFUSED$/],
      [
        { hostKey: other },
        'credential, reachable, no host-key',
        /^target web is not who it should be: its host key is another$/,
      ],
      [{ hostKey: '' }, 'no host-key', /^no host key is pinned$/],
      [{ certificate: { principals: ['a b'] } }, 'no credential', /cannot be a principal/],
    ] as const) {
      const result = await attempt(trial)
      assert.equal(steps(result), expected)
      assert.match(result.steps.at(-1)?.detail ?? '', detail)
    }
  })

  it('takes something that is no SSH server for a target that cannot be reached', async () => {
    const server = createServer((socket) => socket.end('220 mail ready\r\n'.repeat(5000)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const result = await attempt({ port })
    server.close()
    assert.equal(steps(result), 'credential, no reachable')
  })
})
