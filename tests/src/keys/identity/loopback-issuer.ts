import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import type { IssuerConfig } from '@sallyport/keys/identity'

export interface SigningKey {
  readonly kid: string
  readonly algorithm: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly jwk: JWK
}

export async function createSigningKey(algorithm: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' }
  return { kid, algorithm, privateKey, publicKey, jwk }
}

export const audience = 'https://bastion.example'

/** Seconds since 1970; what the tests take for "now" unless they move it. */
export const epoch = 1_800_000_000

export interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

/** Claims that are undefined are left out. */
export async function mint(
  key: SigningKey,
  issuer: string,
  { claims = {}, header = {} }: TokenOptions = {},
): Promise<string> {
  const payload: Record<string, unknown> = {
    iss: issuer,
    aud: audience,
    sub: 'repo:acme/app:ref:refs/heads/main',
    iat: epoch - 10,
    exp: epoch + 290,
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header })
    .sign(key.privateKey)
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** An issuer on a loopback port, whose answers can be changed on the way. */
export interface LoopbackIssuer {
  readonly issuer: string
  readonly requests: string[]
  keys: readonly JWK[]
  answerDiscovery: Answer
  answerKeys: Answer
  config(more?: Partial<IssuerConfig>): IssuerConfig
  close(): Promise<void>
}

export async function startIssuer(keys: readonly JWK[]): Promise<LoopbackIssuer> {
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    started.requests.push(path)
    if (path === '/jwks') started.answerKeys(request, response)
    else started.answerDiscovery(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const issuer = `http://127.0.0.1:${port}`
  const started: LoopbackIssuer = {
    issuer,
    requests: [],
    keys,
    answerDiscovery: (_request, response) => json(response, { issuer, jwks_uri: `${issuer}/jwks` }),
    answerKeys: (_request, response) => json(response, { keys: started.keys }),
    config: (more = {}) => configOf(issuer, more),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return started
}

export function configOf(issuer: string, more: Partial<IssuerConfig> = {}): IssuerConfig {
  return {
    name: 'ci',
    issuer,
    audience,
    jwks: { kind: 'discovery' },
    algorithms: ['ES256', 'RS256'],
    maxTokenAge: 600,
    maxLifetime: 3600,
    clockTolerance: 5,
    allowInsecureHttp: true,
    ...more,
  }
}

export function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}
