import type { Vault } from '@sallyport/keys/vault'
import type { Approvals } from '../approve/index.ts'
import type { Audit } from '../audit/audit.ts'
import { verifyLogin } from '../authenticate/verify-login.ts'
import type { Config } from '../config/config.ts'
import type { DecisionScope, Policy } from '../decide/index.ts'
import type { LiveRegister } from '../live/index.ts'
import { newRecordingId, type Recorder } from '../record/index.ts'
import type { Revocable } from '../revoke/index.ts'
import type { Route, Targets } from '../route/target.ts'
import { connectUpstream } from '../route/upstream.ts'
import { UpstreamError } from '../route/upstream-error.ts'
import { createServerTransports } from '../ssh/server-transport.ts'
import type { Transport } from '../ssh/transport.ts'
import type { Stages } from '../stages.ts'
import { approverFor } from './approvals.ts'
import { OWN_ERRAND, type CredentialFor, type LoginPurpose } from './credentials.ts'
import { entering } from './entering.ts'
import type { HostKeys } from './host-keys.ts'
import type { Keys } from './keys.ts'

export interface StageOptions {
  readonly config: Config
  readonly keys: Keys
  readonly hostKeys: HostKeys
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
  readonly connect: Connect
}

/** Logs in at a target. */
export type Connect = (route: Route, how?: ConnectHow) => Promise<Transport>

export interface ConnectHow {
  /** The cipher of the agent's side. */
  readonly cipher?: string
  /** A version of the key; the active one unless told. */
  readonly version?: number | undefined
  /** What the login is for, where it is not for the bastion itself. */
  readonly purpose?: LoginPurpose
}

export interface ConnectOptions {
  readonly hostKeys: HostKeys
  readonly config: Config
  readonly vault: Vault
  readonly credentialFor: CredentialFor
  /** Ends logins that are under way. */
  readonly signal: AbortSignal
}

/** Returns how targets are logged in to. */
export function composeConnect(options: ConnectOptions): Connect {
  const { config, vault, hostKeys, credentialFor, signal } = options
  const timeout = config.limits.upstreamTimeout * 1000
  const connectAs: Connect = async (route, { cipher, version, purpose = OWN_ERRAND } = {}) => {
    const credential = await credentialFor(route, purpose, version)
    try {
      const trust = hostKeys.trust(route.target)
      return await connectUpstream({ route, ...credential, cipher, trust, timeout, signal })
    } finally {
      credential.signer.close()
    }
  }
  const activeOf = ({ login }: Route): number | undefined =>
    'key' in login ? vault.list().find(({ id }) => id === login.key)?.version : undefined
  return async (route, how = {}) => {
    const active = activeOf(route)
    try {
      return await connectAs(route, how)
    } catch (error) {
      // The key may have been rotated between its choice and its use.
      const rotated = how.version === undefined && activeOf(route) !== active
      if (rotated && error instanceof UpstreamError && error.failure === 'refused')
        return connectAs(route, how)
      throw error
    }
  }
}

/** Returns the stages of the data path, bound to this configuration. */
export function composeStages(options: StageOptions): Stages {
  const { config, keys, hostKeys, targets, policy, recorder, approvals, audit, now } = options
  const { live, revoked } = options
  const { limits } = config
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
    connectUpstream: ({ route, recordingId, authenticated, connectionId }, cipher) => {
      const { identity, permits } = authenticated
      const purpose = { session: recordingId, agent: identity.name, permits, connectionId }
      return options.connect(route, { cipher, purpose })
    },
    hostKeyUpdate: ({ connectionId, route, upstream }) =>
      hostKeys.update(route.target, connectionId, upstream.sessionId),
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

function scopeOf(identity: DecisionScope['identity'], { target, login }: Route): DecisionScope {
  return { identity, target: { name: target.name, labels: target.labels }, login: login.login }
}
