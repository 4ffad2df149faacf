import type { Signer, Vault } from '@sallyport/keys/vault'
import type { Approvals } from '../approve/index.ts'
import type { Audit } from '../audit/audit.ts'
import { verifyLogin } from '../authenticate/verify-login.ts'
import type { Config } from '../config/config.ts'
import type { DecisionScope, Policy } from '../decide/index.ts'
import { BastionError } from '../errors.ts'
import type { LiveRegister } from '../live/index.ts'
import type { Recorder } from '../record/index.ts'
import type { Revocable } from '../revoke/index.ts'
import type { Route, Targets } from '../route/target.ts'
import { connectUpstream } from '../route/upstream.ts'
import { createServerTransports } from '../ssh/server-transport.ts'
import type { Stages } from '../stages.ts'
import { approverFor } from './approvals.ts'
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
  /** Ends logins at targets that are under way. */
  readonly signal: AbortSignal
}

/** Returns the stages of the data path, bound to this configuration. */
export function composeStages(options: StageOptions): Stages {
  const { config, keys, hostKeys, targets, policy, recorder, approvals, audit, now, signal } =
    options
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
      authority: keys.hostAuthority,
      names: config.ssh.names,
      now,
    }),
    verify: (request, login, clientAddress) =>
      verifyLogin({
        request,
        login,
        clientAddress,
        authorities: [keys.userAuthority.publicKey],
        now: Math.floor(now() / 1000),
        revoked,
      }),
    outOfReach,
    connectUpstream: async (route, cipher) => {
      const signer = await signerOf(keys.vault, route)
      try {
        return await connectUpstream({
          route,
          signer,
          cipher,
          trust: hostKeys.trust(route.target),
          timeout: limits.upstreamTimeout * 1000,
          signal,
        })
      } finally {
        signer.close()
      }
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

async function signerOf(vault: Vault, { target, login }: Route): Promise<Signer> {
  try {
    return await vault.signer(login.key)
  } catch (error) {
    const text = `target ${target.name} cannot be logged in to: its key ${login.key} is not to be had`
    throw new BastionError('ERR_BASTION_UPSTREAM', text, error)
  }
}

function scopeOf(identity: DecisionScope['identity'], { target, login }: Route): DecisionScope {
  return { identity, target: { name: target.name, labels: target.labels }, login: login.login }
}
