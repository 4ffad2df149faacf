/** Who must agree before a held request goes on, and for how long it waits. */
export interface ApprovalTerms {
  /** Somebody who is in one of these groups, or is one of these identities, may decide. */
  readonly by: {
    readonly groups: readonly string[]
    readonly identities: readonly string[]
  }
  /** Different persons who must approve. */
  readonly count: number
  /** Seconds that the request waits. */
  readonly ttl: number
  readonly reasonRequired: boolean
  /** Seconds for which one approval may cover further requests like it; 0 where each is asked for anew. */
  readonly grant: number
  /** Whether the end of a grant before its time ends what runs under it. */
  readonly endsSessions: boolean
}
