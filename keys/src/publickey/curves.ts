/** What one NIST curve is called on each side, and the sizes that follow from it (RFC 5656). */
export interface Curve {
  readonly name: string
  readonly jwk: string
  readonly openssl: string
  readonly hash: string
  /** Bytes of one coordinate, and of each half of a signature. */
  readonly size: number
}

export const curves: readonly Curve[] = [
  { name: 'nistp256', jwk: 'P-256', openssl: 'prime256v1', hash: 'sha256', size: 32 },
  { name: 'nistp384', jwk: 'P-384', openssl: 'secp384r1', hash: 'sha384', size: 48 },
  { name: 'nistp521', jwk: 'P-521', openssl: 'secp521r1', hash: 'sha512', size: 66 },
]
