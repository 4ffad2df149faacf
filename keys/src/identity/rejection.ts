/** Why an ID token was refused. `unavailable` is our trouble or the issuer's; all others are the token's. */
export type RejectionCode =
  | 'malformed'
  | 'unknown-issuer'
  | 'unavailable'
  | 'algorithm'
  | 'type'
  | 'unknown-key'
  | 'bad-signature'
  | 'missing-claim'
  | 'invalid-claim'
  | 'audience'
  | 'expired'
  | 'not-yet-valid'
  | 'too-old'
  | 'lifetime'
  | 'replayed'
  | 'replayed-with-another-key'

/** A refusal. `reason` says what was found and what was expected, and never holds the ID token. */
export interface Rejection {
  readonly kind: 'rejected'
  readonly code: RejectionCode
  readonly reason: string
}

export function reject(code: RejectionCode, reason: string): Rejection {
  return { kind: 'rejected', code, reason }
}

const longestShown = 120

/** Returns text from outside in quotes, escaped to printable ASCII and cut, fit for a reason. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  const plain = text.replaceAll(/[^ -~]/gu, '?')
  return plain.length > longestShown ? `${plain.slice(0, longestShown)}...` : plain
}
