import { createHostKeyPins, pinHostKey, type HostKeyPins } from '@sallyport/keys/hostkeys'
import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import type { Approvals } from '../approve/index.ts'
import type { Audit } from '../audit/audit.ts'
import { verifyLogin } from '../authenticate/verify-login.ts'
import type { Config } from '../config/config.ts'
import type { DecisionScope, Policy } from '../decide/index.ts'
import type { LiveRegister } from '../live/index.ts'
import { newRecordingId, type Recorder } from '../record/index.ts'
import type { Revocable } from '../revoke/index.ts'
import type { Route, Target, Targets } from '../route/target.ts'
import { connectUpstream, type HostKeyTrust } from '../route/upstream.ts'
import { createServerTransports } from '../ssh/server-transport.ts'
import type { Stages } from '../stages.ts'
import { approverFor } from './approvals.ts'
import { createCredentials } from './credentials.ts'
import { entering } from './entering.ts'
import type { Keys } from './keys.ts'

export interface StageOptions {
  readonly config: Config
  readonly keys: Keys
  readonly targets: Targets
  /** The policy that is in force; it is asked for at each question. */
  readonly policy: () => Policy
  readonly live: LiveRegister
  /** Returns the sentence by which somebody is refused who is revoked. */
  readonly revoked: (who: Revocable) => string | undefined
  readonly recorder: Recorder
  readonly approvals: Approvals
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Ends logins at targets that are under way. */
  readonly signal: AbortSignal
}

/** Returns the stages of the data path, bound to this configuration. */
export function composeStages(options: StageOptions): Stages {
  const { config, keys, targets, policy, recorder, approvals, audit, now, signal } = options
  const { live, revoked } = options
  const { limits } = config
  const trust = trustOf(config)
  const credentialFor = createCredentials({ config, keys, audit, now })
  const outOfReach: Stages['outOfReach'] = ({ identity, narrowedTo }, route) => {
    const { target, login } = route
    if (narrowedTo !== undefined && !narrowedTo.includes(target.name)) {
      return `the certificate is not for target ${target.name}`
    }
    if (policy().reaches({ ...scopeOf(identity, route), at: now() })) return undefined
    return `no rule lets ${identity.name} do anything on ${target.name} as ${login.login}`
  }
  return {
    targets,
    audit,
    limits: {
      maxTries: limits.authenticationTries,
      maxRequests: limits.authenticationRequests,
      maxChannels: limits.channels,
      maxJumps: limits.jumps,
      loginGrace: limits.loginGrace * 1000,
    },
    serve: createServerTransports({
      hostKey: keys.hostKey,
      authority: keys.authorities.host,
      names: config.ssh.names,
      now,
    }),
    verify: (request, login, clientAddress) =>
      verifyLogin({
        request,
        login,
        clientAddress,
        authorities: keys.authorities.user.trusted(),
        now: Math.floor(now() / 1000),
        revoked,
      }),
    outOfReach,
    newRecordingId: () => newRecordingId(new Date(now())),
    connectUpstream: async ({ route, recordingId, authenticated, connectionId }, cipher) => {
      const credential = await credentialFor(route, {
        session: recordingId,
        agent: authenticated.identity.name,
        permits: authenticated.permits,
        connectionId,
      })
      try {
        return await connectUpstream({
          route,
          ...credential,
          cipher,
          trust: trust(route.target),
          timeout: limits.upstreamTimeout * 1000,
          signal,
        })
      } finally {
        credential.signer.close()
      }
    },
    decider: ({ authenticated, route }) => {
      const scope = scopeOf(authenticated.identity, route)
      return (question) => policy().decide({ ...scope, at: now(), ...question })
    },
    place: ({ authenticated, route }) => ({
      login: route.login.login,
      target: route.target.name,
      programs: () => policy().programs({ ...scopeOf(authenticated.identity, route), at: now() }),
    }),
    record: (passage) => recorder.record(passage),
    approver: approverFor(approvals),
    enter: entering({
      live,
      revoked,
      outOfReach,
      endWithCertificate: limits.endWithCertificate,
      now,
    }),
  }
}

/** Returns what must be known of the host key of each target. */
export function trustOf(config: Config): (target: Target) => HostKeyTrust {
  const pins = pinsOf(config)
  return (target) => trustFor(pins, target)
}

/** Pins are kept under the target's name: its address may change, who it is may not. */
function pinsOf(config: Config): HostKeyPins {
  return createHostKeyPins(
    config.targets.flatMap(({ name, port, hostKeys }) => {
      return hostKeys.map((line) => pinHostKey({ host: name, port }, parsePublicKeyLine(line)))
    }),
  )
}

function trustFor(pins: HostKeyPins, { name: host, port }: Target): HostKeyTrust {
  return {
    algorithms: pins.algorithmsFor({ host, port }),
    check: (hostKey) => {
      const verdict = pins.check({ host, port }, hostKey)
      if (verdict.kind === 'pinned') return verdict
      if (verdict.kind === 'mismatch') {
        const pinned = verdict.expected.join(' or ')
        return {
          kind: 'refused',
          reason: `its host key is ${verdict.offered}, pinned is ${pinned}`,
        }
      }
      return { kind: 'refused', reason: `its host key ${verdict.offered} is ${verdict.kind}` }
    },
  }
}

function scopeOf(identity: DecisionScope['identity'], { target, login }: Route): DecisionScope {
  return { identity, target: { name: target.name, labels: target.labels }, login: login.login }
}
