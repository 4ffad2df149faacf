import type { Audit } from './audit/audit.ts'
import type { AuthenticatedIdentity } from './authenticate/identity.ts'
import type { PublicKeyRequest } from './authenticate/userauth-request.ts'
import type { LoginVerdict } from './authenticate/verify-login.ts'
import type { Place } from './relay/context.ts'
import type { AskApproval, ConnectionRecorder, Decide, HostKeyUpdate } from './relay/roles.ts'
import type { Route, Targets } from './route/target.ts'
import type { Link } from './ssh/link.ts'
import type { Transport } from './ssh/transport.ts'

/** How the agent came: through `ssh -J`, or with `login%target` as its user name. */
export type Entry = '-J' | 'direct'

/** Who came through the outer hop of `ssh -J`. */
export interface OuterHop {
  readonly connectionId: string
  readonly outer: AuthenticatedIdentity
}

/** A proven identity on its way to a target. */
export interface Ticket {
  readonly connectionId: string
  readonly authenticated: AuthenticatedIdentity
  readonly entry: Entry
}

/** A proven identity with the route that it may take. */
export interface Approach extends Ticket {
  readonly route: Route
  /** What the recording will be called: targets write it down with the login. */
  readonly recordingId: string
}

/** What a connection is relayed on: proven identity, route, and a target that is already logged in to. */
export interface Passage extends Approach {
  readonly upstream: Transport
}

/** A connection that is open from now on: an outer hop, or one that is relayed. */
export interface Entrant {
  readonly connectionId: string
  readonly authenticated: AuthenticatedIdentity
  readonly transport: Transport
  readonly passed?: {
    readonly entry: Entry
    readonly route: Route
    readonly recordingId: string
    readonly relay: Steerable
  }
}

/** What is done to a relayed connection from outside of it. */
interface Steerable {
  terminate(reason: string): void
  rejudge(): number
  endGranted(grant: string, why: string): number
}

export interface Stages {
  readonly targets: Targets
  readonly audit: Audit
  readonly limits: {
    readonly maxTries: number
    readonly maxRequests: number
    readonly maxChannels: number
    readonly maxJumps: number
    /** Milliseconds for the inner authentication. */
    readonly loginGrace: number
  }
  /** A server transport that shows the host certificate of `name`; undefined for the bastion's own. */
  readonly serve: (link: Link, name?: string) => Transport
  readonly verify: (request: PublicKeyRequest, login: string, clientAddress: string) => LoginVerdict
  /** A sentence when the policy has nothing at all for this identity at this target. */
  readonly outOfReach: (authenticated: AuthenticatedIdentity, route: Route) => string | undefined
  readonly newRecordingId: () => string
  readonly connectUpstream: (approach: Approach, cipher: string) => Promise<Transport>
  /** What becomes of more host keys that the target offers. */
  readonly hostKeyUpdate: (passage: Passage) => HostKeyUpdate
  readonly decider: (passage: Passage) => Decide
  readonly place: (passage: Passage) => Place
  readonly record: (passage: Passage) => ConnectionRecorder
  /** Asks people about what the policy holds in the recording of that id. */
  readonly approver: (passage: Passage, recordingId: string) => AskApproval
  /** From now on it can be seen, ended, and judged anew when the policy changes. */
  readonly enter: (entrant: Entrant) => void
}
