import { join } from 'node:path'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import type { Steering } from '../control/index.ts'
import { BastionError } from '../errors.ts'
import { createLiveRegister, type LiveRegister } from '../live/index.ts'
import {
  openRevocations,
  revocationText,
  type Revocable,
  type Revocation,
  type RevokedThing,
} from '../revoke/index.ts'
import type { Closers } from './closers.ts'
import { openPolicy, type PolicyInForce } from './policy.ts'

export interface SteeringOptions {
  readonly config: Config
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly closers: Closers
}

/** What the running bastion is steered by, and what its stages ask. */
export interface Helm {
  readonly steering: Steering
  readonly policy: PolicyInForce
  readonly live: LiveRegister
  /** Returns the sentence by which somebody is refused who is revoked. */
  readonly revoked: (who: Revocable) => string | undefined
  /** Calls back at every new revocation, once it is in force and what it hits is ending. */
  readonly onRevoked: (callback: (revocation: Revocation) => void) => void
}

/** Milliseconds for which a serial stays revoked unless told: long after the end of every certificate. */
const SERIAL_KEPT = 30 * 24 * 3600 * 1000

/**
 * Reads the policy and the list of revocations. Throws when either cannot be read: a bastion without them would let in
 * whom it should not.
 */
export async function openSteering(options: SteeringOptions): Promise<Helm> {
  const { config, audit, now, closers } = options
  const listeners: ((revocation: Revocation) => void)[] = []
  const live = createLiveRegister({
    onEnded: (connection, reason) => audit.write('live.ended', { ...connection, reason }),
  })
  const revocations = await openRevocations({ file: join(config.data, 'revocations.json'), now })
  closers.add(() => revocations.close())
  const policy = await openPolicy({
    file: config.policy,
    audit,
    onLoaded: () => {
      live.review()
      live.rejudge()
    },
  })
  closers.add(() => policy.close())

  const steering: Steering = {
    live: () => live.each(),
    terminate(id, reason, by) {
      const ended = live.terminate(id, reason)
      if (ended.length > 0) audit.write('live.terminated', { id, reason, by, ended: ended.length })
      return ended
    },
    revocations: () => revocations.list(),
    async revoke(asked, { reason, by, expiresAt }) {
      const what = withKnownIssuer(asked, config)
      if (what === undefined) {
        const names = config.issuers.map(({ name }) => name).join(', ')
        return { kind: 'refused', message: `there is no such issuer; known are ${names}` }
      }
      const until =
        expiresAt ?? (what.kind === 'serial' ? new Date(now() + SERIAL_KEPT) : undefined)
      if (until !== undefined && until.getTime() <= now()) {
        return { kind: 'refused', message: 'expiresAt has passed' }
      }
      const { revocation, written } = revocations.add(what, { reason, by, expiresAt: until })
      const ended = live.review()
      const { id } = revocation
      audit.write('revoke.added', {
        id,
        ...what,
        reason,
        by,
        expiresAt: until,
        ended: ended.length,
      })
      for (const listener of listeners) listener(revocation)
      await written.catch((error: unknown) => {
        audit.write('revoke.not-written', { id, error })
        const text =
          'it is revoked, but that could not be written down: after a restart it will not be'
        throw new BastionError('ERR_BASTION_CONTROL', text, error)
      })
      return { kind: 'revoked', revocation, ended }
    },
    async lift(id, by) {
      const lifted = await revocations.lift(id)
      if (lifted !== undefined) {
        audit.write('revoke.lifted', { id, ...lifted.what, revokedFor: lifted.reason, by })
      }
      return lifted
    },
    reloadPolicy: (by) => policy.reload(by),
  }
  return {
    steering,
    policy,
    live,
    revoked: (who) => {
      const revocation = revocations.find(who)
      return revocation && revocationText(revocation)
    },
    onRevoked: (callback) => void listeners.push(callback),
  }
}

/** An issuer may be called by our name for it or by its `iss`; one that nobody has would never be hit. */
function withKnownIssuer(what: RevokedThing, { issuers }: Config): RevokedThing | undefined {
  if (what.kind !== 'subject') return what
  const known =
    issuers.find(({ name }) => name === what.issuer) ??
    issuers.find(({ issuer }) => issuer === what.issuer)
  return known && { ...what, issuer: known.name }
}
