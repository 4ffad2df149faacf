import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'

/** An issuer of ID tokens whose public keys are given as a file: real tokens, no server. */
export interface TestIssuer {
  readonly url: string
  readonly audience: string
  readonly jwks: { readonly keys: readonly JWK[] }
  /** Returns a token that is good for 30 minutes; `iss`, `aud` and `exp` among the claims take the place of the proper ones. */
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
    token: (claims) => {
      const now = Math.floor(Date.now() / 1000)
      const proper = { jti: crypto.randomUUID(), iss: url, aud: audience, exp: now + 1800 }
      return new SignJWT({ ...proper, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'test' })
        .setIssuedAt(now)
        .sign(privateKey)
    },
  }
}
