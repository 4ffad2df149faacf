import type { Audit } from '../audit/audit.ts'
import { answerAuthorityCall, createAuthoritySteering } from '../authorities/index.ts'
import type { Config } from '../config/config.ts'
import type { AnswerCall } from '../control/index.ts'
import { answerOnboardCall, createVerifier } from '../onboard/index.ts'
import type { Target } from '../route/target.ts'
import { createCredentials, OWN_ERRAND } from './credentials.ts'
import type { HostKeys } from './host-keys.ts'
import type { Keys } from './keys.ts'

export interface OnboardingOptions {
  readonly config: Config
  readonly keys: Keys
  readonly hostKeys: HostKeys
  readonly targets: readonly Target[]
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Ends logins at targets that are under way. */
  readonly signal: AbortSignal
}

/** Returns what answers calls about authorities, and about the logins at targets. */
export function composeOnboarding(options: OnboardingOptions): AnswerCall {
  const { config, keys, hostKeys, targets, audit, now, signal } = options
  const { authorities } = keys
  const credentialFor = createCredentials({ config, keys, audit, now })
  const verifier = createVerifier({
    targets,
    authorities,
    trust: (target) => hostKeys.trust(target),
    credential: (route, authority) =>
      credentialFor(route, {
        ...OWN_ERRAND,
        ...(authority === undefined ? {} : { authority }),
      }),
    timeout: config.limits.upstreamTimeout * 1000,
    signal,
    audit,
  })
  const steering = createAuthoritySteering({
    authorities,
    required: () => verifier.required(),
    audit,
  })
  return async (by, call) =>
    (await answerAuthorityCall(steering, by, call)) ?? (await answerOnboardCall(verifier, by, call))
}
