import type { JWK } from 'jose'

/** Where an issuer's keys come from. */
export type KeySetSource =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'static'; readonly keys: readonly JWK[] }

/** One issuer that is trusted, and how far. All spans are seconds. */
export interface IssuerConfig {
  /** Our own name for it. */
  readonly name: string
  /** The exact `iss` claim: compared as it is, never normalised and never by prefix. */
  readonly issuer: string
  readonly audience: string
  readonly jwks: KeySetSource
  readonly algorithms: readonly string[]
  /** Longest time since `iat`. */
  readonly maxTokenAge: number
  /** Longest time between `iat` and `exp`. */
  readonly maxLifetime: number
  readonly clockTolerance: number
  /** For issuers that mint a fresh token for each request: a second use is refused. */
  readonly singleUse?: boolean
  /** Accept an `aud` array that names others beside us. */
  readonly allowSharedAudience?: boolean
  /** The `typ` header that this issuer sets, such as `at+jwt`. */
  readonly requiredType?: string
  /** How old keys may be that are used while the issuer is down; 3600 unless told. */
  readonly staleKeys?: number
  /** Development only: plain http, and only to a loopback host. */
  readonly allowInsecureHttp?: boolean
}

const asymmetric = /^(?:RS|PS|ES)(?:256|384|512)$|^(?:EdDSA|Ed25519)$/

/** Throws TypeError unless each issuer can be used safely and each `iss` has one meaning. */
export function assertIssuers(issuers: readonly IssuerConfig[]): void {
  for (const issuer of issuers) assertIssuer(issuer)
  const names = issuers.map((issuer) => issuer.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TypeError(`two issuers are named "${twice}"`)
  for (const issuer of issuers) {
    const sharing = issuers.filter((other) => other.issuer === issuer.issuer)
    if (sharing.length > 1 && issuer.jwks.kind !== 'static') {
      throw new TypeError(
        `issuers ${sharing.map((other) => `"${other.name}"`).join(', ')} share one iss: each needs static keys`,
      )
    }
  }
}

function assertIssuer(issuer: IssuerConfig): void {
  const fail = (problem: string): never => {
    throw new TypeError(`issuer "${issuer.name}": ${problem}`)
  }
  if (issuer.name === '') fail('"name" is empty')
  if (issuer.issuer === '') fail('"issuer" is empty')
  if (issuer.audience === '') fail('"audience" is empty')
  if (issuer.algorithms.length === 0) fail('"algorithms" is empty')
  const weak = issuer.algorithms.find((algorithm) => !asymmetric.test(algorithm))
  if (weak !== undefined) fail(`algorithm "${weak}" is not an asymmetric signature`)
  for (const span of ['maxTokenAge', 'maxLifetime'] as const) {
    if (!(issuer[span] > 0 && Number.isFinite(issuer[span]))) fail(`"${span}" must be above 0`)
  }
  if (!(issuer.clockTolerance >= 0 && issuer.clockTolerance <= 300)) {
    fail('"clockTolerance" must be 0 to 300 seconds')
  }
  if (!((issuer.staleKeys ?? 0) >= 0)) fail('"staleKeys" must not be negative')
  const secret = (issuer.jwks.kind === 'static' ? issuer.jwks.keys : []).find((key) =>
    isSecret(key),
  )
  if (secret !== undefined) fail('static keys must be public keys')
  if (issuer.jwks.kind === 'static' && issuer.jwks.keys.length === 0) fail('no static keys')
  const address = keySetAddress(issuer)
  if (address !== undefined) {
    const problem = addressProblem(address, issuer.allowInsecureHttp === true)
    if (problem !== undefined) fail(problem)
  }
}

/** Returns true for a key that must not be in a public set: a shared secret or a private part. */
export function isSecret(key: { readonly kty?: unknown }): boolean {
  return key.kty === 'oct' || 'd' in key || 'k' in key
}

/** Returns the address that is asked first for the keys, or undefined when they are static. */
export function keySetAddress(issuer: IssuerConfig): string | undefined {
  switch (issuer.jwks.kind) {
    case 'static':
      return undefined
    case 'uri':
      return issuer.jwks.uri
    case 'discovery':
      return `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  }
}

/** Returns why keys must not be fetched from `address`, or undefined when they may be. */
export function addressProblem(address: string, insecure: boolean): string | undefined {
  if (!URL.canParse(address)) return `"${address}" is not an address`
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return `"${url.host}" comes with a password`
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:' || !insecure) return `"${address}" is not https`
  return isLoopback(url.hostname) ? undefined : `plain http is for loopback, not for "${url.host}"`
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
