import type { Authorities, Authority } from '@sallyport/keys/authority'
import { fingerprint } from '@sallyport/keys/publickey'
import type { Audit } from '../audit/audit.ts'
import type { CertificateLogin, Route, Target, TargetLogin } from '../route/target.ts'
import { tryLogin, type LoginTrial, type TryLoginOptions } from './try-login.ts'

/** One login that was tried, by one credential. */
export interface VerifiedLogin extends LoginTrial {
  readonly target: string
  readonly login: string
  /** `key NAME`, or `certificate` with the version of the upstream authority that signed it. */
  readonly by: string
}

export interface VerifierOptions {
  readonly targets: readonly Target[]
  readonly authorities: Authorities
  readonly trust: (target: Target) => TryLoginOptions['trust']
  /** Has what a login is made with; `authority` signs the certificate where one is needed. */
  readonly credential: (
    route: Route,
    authority: Authority | undefined,
  ) => ReturnType<TryLoginOptions['credential']>
  /** Milliseconds for one login. */
  readonly timeout: number
  readonly signal: AbortSignal
  readonly audit: Audit
}

export interface Verifier {
  /**
   * Tries a login of a target, with each upstream key that signs or will sign. What took the next key is written down.
   * `by` is who asks. Undefined when there is no such target or login.
   */
  verify(target: string, login: string, by: string): Promise<readonly VerifiedLogin[] | undefined>
  /** What must have taken certificates of the next upstream key before it may be promoted. */
  required(): readonly string[]
}

interface Attempt {
  readonly by: string
  readonly authority?: Authority
  readonly next?: number
}

export function createVerifier(options: VerifierOptions): Verifier {
  const { targets, authorities, audit } = options

  const attempt = async (route: Route, one: Attempt, asker: string): Promise<VerifiedLogin> => {
    const { target, login } = route
    const { timeout, signal } = options
    const trial = await tryLogin({
      route,
      trust: options.trust(target),
      credential: () => options.credential(route, one.authority),
      timeout,
      signal,
    })
    const named = { target: target.name, login: login.login, by: one.by }
    const failed = trial.steps.find(({ ok }) => !ok)
    const event = trial.ok ? 'target.verified' : 'target.not-verified'
    audit.write(event, { ...named, failed: failed?.step, reason: failed?.detail, asker })
    if (trial.ok && one.next !== undefined && 'certificate' in login) {
      await authorities.upstream.noteVerified(one.next, whatOf(target, login))
    }
    return { ...named, ...trial }
  }

  return {
    async verify(targetName, loginName, asker) {
      const target = targets.find(({ name }) => name === targetName)
      const login = target?.logins.find((one) => one.login === loginName)
      if (target === undefined || login === undefined) return undefined
      const attempts = attemptsFor(login, authorities)
      return Promise.all(attempts.map((one) => attempt({ target, login }, one, asker)))
    },
    required: () =>
      targets.flatMap((target) =>
        target.logins.flatMap((login) => ('certificate' in login ? whatOf(target, login) : [])),
      ),
  }
}

function attemptsFor(login: TargetLogin, { upstream }: Authorities): readonly Attempt[] {
  if ('key' in login) return [{ by: `key ${login.key}` }]
  const active = upstream.keys().find(({ state }) => state === 'active')
  const attempts: Attempt[] = [{ by: byCertificate(active?.version ?? 0, upstream) }]
  const next = upstream.next()
  if (next !== undefined) {
    const { version, authority } = next
    attempts.push({ by: `${byCertificate(version, authority)}, next`, authority, next: version })
  }
  return attempts
}

function byCertificate(version: number, { publicKey }: Authority): string {
  return `certificate of version ${version} ${fingerprint(publicKey.blob)}`
}

/** The place and the roles belong to it: at another address, nothing has been verified yet. */
function whatOf({ name, address, port }: Target, { login, certificate }: CertificateLogin): string {
  return `${login}@${name} (${address} port ${port}, as ${certificate.principals.join(', ')})`
}
