/** What an approver says about one ticket. */
export interface Verdict {
  readonly verdict: 'approve' | 'refuse'
  /** The digest that came with what the approver was shown. */
  readonly digest: string
  readonly reason: string
  /** Seconds for which the approval may cover further commands like it; 0 for this one alone. */
  readonly grantSeconds: number
}

/** What became of a verdict. */
export type Decided =
  | { readonly kind: 'approved'; readonly grantUntil?: number }
  /** It counts, and others are needed. */
  | { readonly kind: 'waiting'; readonly waitsFor: string }
  | { readonly kind: 'refused' }
  | Rejected

/** A verdict that changed nothing. */
export interface Rejected {
  readonly kind: 'rejected'
  readonly code:
    | 'unknown'
    | 'ended'
    | 'own-request'
    | 'not-entitled'
    | 'repeated'
    | 'other-digest'
    | 'reason-missing'
    | 'reason-too-long'
    | 'grant-too-long'
  readonly message: string
}

export function rejected(code: Rejected['code'], message: string): Rejected {
  return { kind: 'rejected', code, message }
}
