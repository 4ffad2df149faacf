import { fingerprint } from '@sallyport/keys/publickey'
import type { AuthenticatedIdentity } from '../authenticate/identity.ts'
import { revocable } from '../authenticate/verify-login.ts'
import type { LiveConnection, LiveRegister, LiveRole } from '../live/index.ts'
import type { Revocable } from '../revoke/index.ts'
import { DISCONNECT } from '../ssh/messages.ts'
import type { Entrant, Stages } from '../stages.ts'

export interface EnteringOptions {
  readonly live: LiveRegister
  readonly revoked: (who: Revocable) => string | undefined
  readonly outOfReach: Stages['outOfReach']
  /** Whether a connection ends with its certificate. */
  readonly endWithCertificate: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Milliseconds; a longer timer would go off at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Returns what puts a connection on the register of those that are open, for as long as it is. */
export function entering(options: EnteringOptions): Stages['enter'] {
  return (entrant) => {
    const role = roleOf(entrant, options)
    const leave = options.live.enter(connectionOf(entrant, options.now()), role)
    const { transport, authenticated } = entrant
    // A moment later: a timer may go off a little early, and would find a certificate that is still good.
    const wait = endOf(authenticated) - options.now() + 20
    const timer = options.endWithCertificate
      ? setTimeout(() => options.live.review(), Math.min(wait, LONGEST_TIMER))
      : undefined
    transport.onClose(() => {
      clearTimeout(timer)
      leave()
    })
  }
}

function roleOf(entrant: Entrant, options: EnteringOptions): LiveRole {
  const { revoked, outOfReach, endWithCertificate, now } = options
  const { authenticated, transport, passed } = entrant
  const who = revocable(authenticated)
  return {
    objection() {
      const revocation = revoked(who)
      if (revocation !== undefined) return revocation
      if (endWithCertificate && now() >= endOf(authenticated)) return 'its certificate has ended'
      if (passed === undefined) return undefined
      const beyond = outOfReach(authenticated, passed.route)
      return beyond === undefined ? undefined : `the policy changed: ${beyond}`
    },
    end(reason) {
      if (passed !== undefined) return passed.relay.terminate(reason)
      transport.disconnect(DISCONNECT.BY_APPLICATION, `sallyport: session ended: ${reason}`)
    },
    rejudge: () => passed?.relay.rejudge() ?? 0,
    endGranted: (grant, why) => passed?.relay.endGranted(grant, why) ?? 0,
  }
}

function connectionOf(entrant: Entrant, now: number): LiveConnection {
  const { connectionId, authenticated, passed } = entrant
  const { identity, certificate, login, clientAddress } = authenticated
  const { name, issuer, subject } = identity
  return {
    connectionId,
    hop: passed?.entry ?? 'outer',
    identity: name,
    issuer,
    subject,
    login,
    ...(passed === undefined
      ? {}
      : { recordingId: passed.recordingId, target: passed.route.target.name }),
    clientAddress,
    serial: certificate.serial.toString(),
    keyId: certificate.keyId,
    key: fingerprint(certificate.subject.blob),
    startedAt: new Date(now).toISOString(),
    validBefore: new Date(endOf(authenticated)).toISOString(),
  }
}

/** Milliseconds since 1970. */
function endOf({ certificate }: AuthenticatedIdentity): number {
  return Number(certificate.validBefore) * 1000
}
