import type {
  Authorities,
  AuthorityKey,
  AuthorityKind,
  RotatingAuthority,
  Succession,
} from '@sallyport/keys/authority'
import { fingerprint, parsePublicKeyLine } from '@sallyport/keys/publickey'
import type { Audit } from '../audit/audit.ts'

export type AuthorityChange = 'next' | 'promote' | 'roll-back' | 'retire'

export interface AuthorityTerms {
  /** Who asks, for the audit log. */
  readonly by: string
  /** Why it is done in spite of what speaks against it; undefined when it is not. */
  readonly force?: string | undefined
}

/** What can be done to the keys of the authorities. */
export interface AuthoritySteering {
  list(): Readonly<Record<AuthorityKind, readonly AuthorityKey[]>>
  change(kind: AuthorityKind, change: AuthorityChange, terms: AuthorityTerms): Promise<Succession>
}

export interface AuthoritySteeringOptions {
  readonly authorities: Authorities
  /** What must have been verified before the next upstream key is promoted. */
  readonly required: () => readonly string[]
  readonly audit: Audit
}

/**
 * Seconds that a key is retiring at least: until the last certificate of it has ended. Agents' certificates live an hour
 * at most, those for targets a minute; host certificates are shown by ourselves alone, and never again after the change.
 */
const OVERLAP = { user: 3600, host: 0, upstream: 60 } as const

const EVENTS = {
  next: 'authority.next-made',
  promote: 'authority.promoted',
  'roll-back': 'authority.rolled-back',
  retire: 'authority.retired',
} as const

/** Every change and every refusal of one goes to the audit log. */
export function createAuthoritySteering(options: AuthoritySteeringOptions): AuthoritySteering {
  const { authorities, required, audit } = options
  return {
    list: () => ({
      user: authorities.user.keys(),
      host: authorities.host.keys(),
      upstream: authorities.upstream.keys(),
    }),
    async change(kind, change, { by, force }) {
      const authority = authorities[kind]
      let despite: string | undefined
      let outcome = await attempt(authority, change, required)
      if (outcome.kind === 'refused' && force !== undefined) {
        despite = outcome.message
        outcome = await insist(authority, change)
      }
      const said = { authority: kind, by, reason: force }
      if (outcome.kind === 'refused') {
        audit.write('authority.refused', { ...said, change, refusal: outcome.message })
      } else {
        audit.write(EVENTS[change], { ...said, despite, keys: outcome.keys.map(brief) })
      }
      return outcome
    },
  }
}

async function attempt(
  authority: RotatingAuthority,
  change: AuthorityChange,
  required: () => readonly string[],
): Promise<Succession> {
  switch (change) {
    case 'next':
      return authority.addNext()
    case 'promote': {
      const untold = hostKeyUntold(authority)
      if (untold !== undefined) return { kind: 'refused', message: untold }
      return authority.promote(authority.kind === 'upstream' ? required() : [])
    }
    case 'roll-back':
      return authority.rollBack()
    case 'retire':
      return authority.retire(OVERLAP[authority.kind])
  }
}

/** What can be done in spite of an objection: nothing that would leave two keys in one state. */
async function insist(authority: RotatingAuthority, change: AuthorityChange): Promise<Succession> {
  switch (change) {
    case 'next':
      return authority.addNext()
    case 'promote':
      return authority.promote([])
    case 'roll-back':
      return authority.rollBack()
    case 'retire':
      return authority.retire(0)
  }
}

/** Whether agents know the next host authority is on their disks, where we cannot look. */
function hostKeyUntold(authority: RotatingAuthority): string | undefined {
  const next = authority.keys().find(({ state }) => state === 'next')
  if (authority.kind !== 'host' || next === undefined) return undefined
  return (
    `clients that have not fetched /ssh/known_hosts since ${next.since} would refuse version ${next.version}; ` +
    'force it with a reason once they have'
  )
}

function brief({ version, state, publicKeyLine }: AuthorityKey): string {
  return `${version} ${state} ${fingerprint(parsePublicKeyLine(publicKeyLine).blob)}`
}
