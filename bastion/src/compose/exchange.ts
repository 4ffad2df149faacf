import { createIdTokenVerifier, createReplayGuard } from '@sallyport/keys/identity'
import { createRates } from '@sallyport/web-replay/limit'
import type { RequestHandler } from 'express'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import { issuersOf, rulesOf } from '../config/issuers.ts'
import { createExchange } from '../issue/exchange.ts'
import { limitRefusals } from '../issue/limit-refusals.ts'
import { createIssueRouter } from '../issue/router.ts'
import type { Revocable } from '../revoke/index.ts'
import type { Targets } from '../route/target.ts'
import type { Keys } from './keys.ts'

export interface ExchangeParts {
  readonly config: Config
  readonly keys: Keys
  readonly targets: Targets
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly revoked: (who: Revocable) => string | undefined
}

/** Returns the routes of the exchange. Throws TypeError for an issuer that cannot be trusted safely. */
export async function composeExchange(parts: ExchangeParts): Promise<RequestHandler> {
  const { config, keys, targets, audit, now, revoked } = parts
  const permits = new Map(
    config.identities.map(({ id, permits: names }) => [id, names.map((name) => `permit-${name}`)]),
  )
  const exchange = createExchange({
    verifier: createIdTokenVerifier({
      issuers: await issuersOf(config),
      now,
      replay: createReplayGuard({ now }),
    }),
    rules: rulesOf(config),
    authority: keys.authorities.user,
    targets,
    permits: (rule) => permits.get(rule) ?? [],
    proofNamespace: `exchange@${new URL(config.http.url).host}`,
    now,
    audit,
    revoked,
  })
  const { exchangeRefusals: all, exchangeRefusalsPerAddress: perAddress } = config.limits
  return createIssueRouter({
    exchange,
    limit: limitRefusals(createRates({ perAddress, all }, now), audit),
    publicKeys: (kind) => keys.authorities[kind].published(),
  })
}
