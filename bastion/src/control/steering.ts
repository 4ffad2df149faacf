import type { LiveConnection } from '../live/index.ts'
import type { PolicyProblem } from '../decide/index.ts'
import type { Revocation, RevokedThing } from '../revoke/index.ts'

/** What can be done to a bastion while it runs. `by` is who does it and how that is known, for the audit log. */
export interface Steering {
  live(): readonly LiveConnection[]
  /** Ends what has this connection id or recording id; empty when nothing has. */
  terminate(id: string, reason: string, by: string): readonly LiveConnection[]
  revocations(): readonly Revocation[]
  /** Revokes and ends what is open; refused when nothing could ever be hit by it. */
  revoke(what: RevokedThing, terms: RevokeTerms): Promise<Revoked>
  /** Returns what was lifted, or undefined when there is none of that id. */
  lift(id: string, by: string): Promise<Revocation | undefined>
  reloadPolicy(by: string): Promise<Reloaded>
}

export interface RevokeTerms {
  readonly reason: string
  readonly by: string
  readonly expiresAt?: Date | undefined
}

export type Revoked =
  | {
      readonly kind: 'revoked'
      readonly revocation: Revocation
      readonly ended: readonly LiveConnection[]
    }
  | { readonly kind: 'refused'; readonly message: string }

export type Reloaded =
  | { readonly kind: 'loaded'; readonly revision: string; readonly previous: string }
  | { readonly kind: 'unchanged'; readonly revision: string }
  | {
      readonly kind: 'refused'
      /** The revision that stays in force. */
      readonly revision: string
      readonly problems: readonly PolicyProblem[]
    }
