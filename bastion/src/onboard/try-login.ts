import type { Certificate } from '@sallyport/keys/certificate'
import type { Signer } from '@sallyport/keys/vault'
import type { Route } from '../route/target.ts'
import { connectUpstream, type HostKeyTrust } from '../route/upstream.ts'
import type { Transport } from '../ssh/transport.ts'
import { runAtUpstream } from '../errand/index.ts'
import { printable } from '../words.ts'

/** In the order in which they are tried; after one that failed the others are not. */
export type LoginStep = 'credential' | 'reachable' | 'host-key' | 'login' | 'command' | 'account'

export interface StepOutcome {
  readonly step: LoginStep
  readonly ok: boolean
  readonly detail: string
}

export interface LoginTrial {
  readonly ok: boolean
  readonly steps: readonly StepOutcome[]
}

export interface TryLoginOptions {
  readonly route: Route
  readonly trust: HostKeyTrust
  /** What agents would be logged in with; it rejects with a sentence when there is none. */
  readonly credential: () => Promise<{
    readonly signer: Signer
    readonly certificate?: Certificate
  }>
  /** Milliseconds until the login must be done. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/** A target that answers needs no more for a command that does nothing. */
const RUN = { timeout: 5000, maxOutput: 1024 } as const

/**
 * Logs in at a target as it is done for an agent, and runs `true` there. It throws for nothing that is wrong with the
 * target or the credential. That the account cannot say its own name is no fault: not every target has `id`.
 */
export async function tryLogin(options: TryLoginOptions): Promise<LoginTrial> {
  const steps: StepOutcome[] = []
  const passed = (step: LoginStep, detail: string): void =>
    void steps.push({ step, ok: true, detail })
  const failed = (step: LoginStep, detail: string): LoginTrial => {
    return { ok: false, steps: [...steps, { step, ok: false, detail }] }
  }
  let seen: 'nothing' | 'pinned' | 'refused' = 'nothing'
  const trust: HostKeyTrust = {
    ...options.trust,
    check: (hostKey) => {
      const verdict = options.trust.check(hostKey)
      seen = verdict.kind
      return verdict
    },
  }
  if (trust.barred !== undefined) return failed('host-key', trust.barred)
  if (trust.algorithms.length === 0) return failed('host-key', 'no host key is pinned')
  let transport: Transport
  try {
    const credential = await options.credential()
    passed('credential', describe(credential))
    try {
      transport = await connectUpstream({ ...options, ...credential, trust })
    } finally {
      credential.signer.close()
    }
  } catch (error) {
    const reason = reasonOf(error)
    if (steps.length === 0) return failed('credential', reason)
    if (seen === 'nothing') return failed('reachable', reason)
    passed('reachable', 'it answers')
    if (seen === 'refused') return failed('host-key', reason)
    passed('host-key', 'it is the pinned one')
    return failed('login', reason)
  }
  passed('reachable', 'it answers')
  passed('host-key', 'it is the pinned one')
  passed('login', `accepted for ${options.route.login.login}`)
  try {
    const { status } = await runAtUpstream(transport, 'true', RUN)
    if (status === undefined) return failed('command', 'true was killed')
    if (status !== 0) return failed('command', `true ended with status ${status}`)
    passed('command', 'true ran')
    passed('account', await accountAt(transport))
    return { ok: true, steps }
  } catch (error) {
    return failed('command', `true did not run: ${reasonOf(error)}`)
  } finally {
    transport.close('tried')
  }
}

function describe({ signer, certificate }: { signer: Signer; certificate?: Certificate }): string {
  if (certificate === undefined) return `a ${signer.publicKey.type} key of the vault`
  return `a certificate with serial ${certificate.serial} for ${certificate.validPrincipals.join(', ')}`
}

async function accountAt(transport: Transport): Promise<string> {
  try {
    const { status, stdout } = await runAtUpstream(transport, 'id -un', RUN)
    if (status === 0) return `we are ${printable(stdout.toString('latin1').trim())}`
  } catch {
    // A target that only runs what it knows may well end the connection at this.
  }
  return 'it does not say who we are'
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
