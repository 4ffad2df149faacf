import { fingerprint } from '@sallyport/keys/publickey'
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

/** Returns what puts a connection on the register of those that are open, for as long as it is. */
export function entering(options: EnteringOptions): Stages['enter'] {
  return (entrant) => {
    const role = roleOf(entrant, options)
    const leave = options.live.enter(connectionOf(entrant, options.now()), role)
    const { transport, authenticated } = entrant
    const ends = Number(authenticated.certificate.validBefore) * 1000 - options.now()
    const timer = options.endWithCertificate
      ? setTimeout(() => role.end('its certificate has ended'), Math.min(ends, 2 ** 31 - 1))
      : undefined
    transport.onClose(() => {
      clearTimeout(timer)
      leave()
    })
  }
}

function roleOf(entrant: Entrant, { revoked, outOfReach }: EnteringOptions): LiveRole {
  const { authenticated, transport, passed } = entrant
  const who = revocable(authenticated)
  return {
    objection() {
      const revocation = revoked(who)
      if (revocation !== undefined || passed === undefined) return revocation
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
    validBefore: new Date(Number(certificate.validBefore) * 1000).toISOString(),
  }
}
