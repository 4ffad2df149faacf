import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'

/** An issuer of ID tokens whose public keys are given as a file: real tokens, no server. */
export interface TestIssuer {
  readonly url: string
  readonly audience: string
  readonly jwks: { readonly keys: readonly JWK[] }
  token(claims: Readonly<Record<string, unknown>>): Promise<string>
}

export async function createTestIssuer(): Promise<TestIssuer> {
  const url = 'https://ci.example'
  const audience = 'https://sallyport.example'
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }
  return {
    url,
    audience,
    jwks: { keys: [jwk] },
    token: (claims) =>
      new SignJWT({ jti: crypto.randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'test' })
        .setIssuer(url)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('30m')
        .sign(privateKey),
  }
}
