import {
  AuthorizationResponseError,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  ResponseBodyError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { ClientAuth, Configuration, CustomFetch } from 'openid-client'
import type { JWTVerifyGetKey } from 'jose'
import { ReviewError } from '../errors.ts'
import type { LoginAttempt } from './attempts.ts'
import { verifyLogoutToken, type LogoutVerdict } from './logout-token.ts'
import { isTrustworthy, providerKeys } from './provider-keys.ts'
import { ABSOLUTE_LIMIT } from './sign-ins.ts'

/** The client that reviewers sign in through: authorization code with PKCE, state and nonce. */
export interface OidcOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Claim that lists groups: an exact name, or a dotted path into objects. */
  readonly groupsClaim: string
  /** Scopes to ask for; `openid profile email groups` unless told. */
  readonly scope?: string
  /** Allows an issuer on plain http; for a development provider on loopback only. */
  readonly allowInsecureHttp?: boolean
  readonly fetch?: CustomFetch
}

/** What came back from the identity provider; `claims` are verified, signature included. */
export type SignInResult =
  | { readonly kind: 'verified'; readonly claims: VerifiedClaims }
  | { readonly kind: 'refused'; readonly reason: string }

export interface VerifiedClaims extends Readonly<Record<string, unknown>> {
  readonly iss: string
  readonly sub: string
  readonly iat: number
}

export interface IdentityProvider {
  /**
   * Returns where to send the browser, and the secrets to check its return with.
   * Throws ERR_REVIEW_PROVIDER_UNREACHABLE.
   */
  begin(options: {
    readonly redirectUri: URL
    readonly forceSignIn: boolean
  }): Promise<{ readonly location: URL; readonly attempt: ProviderAttempt }>
  /**
   * Returns the verified claims for a browser that came back to `callback`, whose origin and path
   * must be our configured ones and never the request's. Throws ERR_REVIEW_PROVIDER_UNREACHABLE.
   */
  finish(callback: URL, attempt: ProviderAttempt): Promise<SignInResult>
  /** Returns what a logout token ends, or why nothing. Throws ERR_REVIEW_PROVIDER_UNREACHABLE. */
  verifyLogout(token: string): Promise<LogoutVerdict>
  /** Returns where a person can end their session with the provider itself; undefined while that is not known. */
  endSession(): URL | undefined
}

export type ProviderAttempt = Pick<LoginAttempt, 'state' | 'nonce' | 'codeVerifier'>

const TIMEOUT_SECONDS = 5
const UNREACHABLE = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
])

/**
 * Returns the identity provider at `issuer`. Its metadata is fetched at the first sign-in and kept:
 * a provider that is down when we start holds up reviewers, and never the bastion.
 */
export function createIdentityProvider(options: OidcOptions, now: () => number): IdentityProvider {
  const scope = options.scope ?? 'openid profile email groups'
  let discovered: Promise<Configuration> | undefined
  let known: Configuration | undefined
  let keys: JWTVerifyGetKey | undefined

  async function configuration(): Promise<Configuration> {
    discovered ??= discover(options)
    try {
      known = await discovered
      return known
    } catch (cause) {
      discovered = undefined
      throw unreachable(cause)
    }
  }

  async function begin(request: {
    readonly redirectUri: URL
    readonly forceSignIn: boolean
  }): Promise<{ readonly location: URL; readonly attempt: ProviderAttempt }> {
    const config = await configuration()
    const attempt = {
      state: randomState(),
      nonce: randomNonce(),
      codeVerifier: randomPKCECodeVerifier(),
    }
    const location = buildAuthorizationUrl(config, {
      redirect_uri: request.redirectUri.href,
      scope,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await calculatePKCECodeChallenge(attempt.codeVerifier),
      code_challenge_method: 'S256',
      // With it providers say when they saw the person authenticate, and let nobody in on an older sign-in than ours.
      max_age: String(ABSOLUTE_LIMIT / 1000),
      ...(request.forceSignIn ? { prompt: 'login' } : {}),
    })
    return { location, attempt }
  }

  async function finish(callback: URL, attempt: ProviderAttempt): Promise<SignInResult> {
    const config = await configuration()
    try {
      const tokens = await authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: attempt.codeVerifier,
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined) return { kind: 'refused', reason: 'no-id-token' }
      const extra = await userInfo(config, tokens.access_token, claims)
      return { kind: 'verified', claims: { ...extra, ...claims } }
    } catch (error) {
      return refusal(error)
    }
  }

  /** Many providers put groups only here; `sub` is compared with the ID token's. */
  async function userInfo(
    config: Configuration,
    accessToken: string,
    claims: VerifiedClaims,
  ): Promise<Readonly<Record<string, unknown>>> {
    const asked = options.groupsClaim.split('.')[0] ?? ''
    if (Object.hasOwn(claims, options.groupsClaim) || Object.hasOwn(claims, asked)) return {}
    if (config.serverMetadata().userinfo_endpoint === undefined) return {}
    return fetchUserInfo(config, accessToken, claims.sub)
  }

  async function verifyLogout(token: string): Promise<LogoutVerdict> {
    const config = await configuration()
    const metadata = config.serverMetadata()
    try {
      keys ??= providerKeys(metadata.jwks_uri, { ...options, timeout: TIMEOUT_SECONDS * 1000 })
      return await verifyLogoutToken(token, {
        issuer: metadata.issuer,
        clientId: options.clientId,
        // What OpenID Connect Discovery asks each provider for.
        algorithms: metadata.id_token_signing_alg_values_supported ?? ['RS256'],
        keys,
        now,
      })
    } catch (cause) {
      throw unreachable(cause)
    }
  }

  function endSession(): URL | undefined {
    const endpoint = known?.serverMetadata().end_session_endpoint
    if (endpoint === undefined || !isTrustworthy(endpoint, options.allowInsecureHttp))
      return undefined
    const url = new URL(endpoint)
    url.searchParams.set('client_id', options.clientId)
    return url
  }

  return { begin, finish, verifyLogout, endSession }
}

async function discover(options: OidcOptions): Promise<Configuration> {
  const metadata = { client_secret: options.clientSecret }
  const config = await discovery(
    new URL(options.issuer),
    options.clientId,
    metadata,
    clientAuth(options.clientSecret),
    {
      timeout: TIMEOUT_SECONDS,
      // TLS alone would satisfy OIDC Core 3.1.3.7; we want the ID token's signature as well.
      execute: [
        enableNonRepudiationChecks,
        ...(options.allowInsecureHttp === true ? [allowInsecureRequests] : []),
      ],
      ...(options.fetch ? { [customFetch]: options.fetch } : {}),
    },
  )
  config.timeout = TIMEOUT_SECONDS
  return config
}

/** client_secret_basic is the default of RFC 8414; some providers only announce the other. */
function clientAuth(clientSecret: string): ClientAuth {
  const basic = ClientSecretBasic(clientSecret)
  const post = ClientSecretPost(clientSecret)
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const choice = methods.includes('client_secret_basic') ? basic : post
    choice(server, client, body, headers)
  }
}

function refusal(error: unknown): SignInResult {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return { kind: 'refused', reason: error.error }
  }
  if (error instanceof ClientError && !UNREACHABLE.has(error.code ?? '')) {
    return { kind: 'refused', reason: error.code ?? 'invalid' }
  }
  throw unreachable(error)
}

function unreachable(cause: unknown): ReviewError {
  return new ReviewError(
    'ERR_REVIEW_PROVIDER_UNREACHABLE',
    'the identity provider could not be reached',
    { cause },
  )
}
