/** A connection of a proven identity that is open now. Times are ISO 8601. */
export interface LiveConnection {
  /** Shared by an outer hop and all that comes through it. */
  readonly connectionId: string
  /** Absent for an outer hop: what comes through it is recorded, it is not. */
  readonly recordingId?: string | undefined
  readonly hop: 'outer' | '-J' | 'direct'
  readonly identity: string
  readonly issuer: string
  readonly subject: string
  readonly login: string
  /** Absent for an outer hop. */
  readonly target?: string | undefined
  readonly clientAddress: string
  readonly serial: string
  readonly keyId: string
  /** The fingerprint of the agent's key. */
  readonly key: string
  readonly startedAt: string
  readonly validBefore: string
}

/** What can be done to an open connection. */
export interface LiveRole {
  /** Returns why it must end now, if so: it is revoked, or the policy has nothing for it any more. */
  objection(): string | undefined
  /** Tells the agent why, and ends both sides. */
  end(reason: string): void
  /** Ends what runs in it that the policy no longer allows; returns how much that was. */
  rejudge(): number
  /** Ends what runs in it under a grant that has ended; returns how much that was. */
  endGranted(grant: string, why: string): number
}
