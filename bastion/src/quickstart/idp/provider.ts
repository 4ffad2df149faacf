import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { BastionError } from '../../errors.ts'
import { AUDIENCE, isMachine, isPerson, MACHINES, PEOPLE, WEB_CLIENT } from './accounts.ts'
import type { IdpSecrets } from './secrets.ts'
import { askToSignOut, signedOut } from './sign-out-pages.ts'
import { createIdpStorage } from './storage.ts'

/** The part of oidc-provider that is used; the package has no types. */
export interface OpenIdProvider {
  callback(): RequestListener
  on(event: 'server_error', listener: (context: unknown, error: Error) => void): void
  interactionDetails(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ readonly prompt: { readonly name: string } }>
  interactionFinished(
    request: IncomingMessage,
    response: ServerResponse,
    result: { readonly login: { readonly accountId: string } },
  ): Promise<void>
  readonly Grant: new (of: { readonly accountId: string; readonly clientId: string }) => Grant
}

interface Grant {
  addOIDCScope(scope: string): void
  save(): Promise<string>
}

interface ProviderModule {
  readonly Provider: new (
    issuer: string,
    configuration: Readonly<Record<string, unknown>>,
  ) => OpenIdProvider
}

export interface ProviderOptions {
  /** Its exact name: a URL on loopback. */
  readonly issuer: string
  readonly secrets: IdpSecrets
  /** Where the review app wants people back. */
  readonly redirectUri: string
  /** The path of the sign-in page for one interaction. */
  readonly signInPath: (uid: string) => string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Seconds that the tokens of machines live. */
const TOKEN_LIFE = 300
const HOUR = 3600
const SCOPES = ['openid', 'profile', 'groups']

/**
 * Returns an OpenID provider with the quickstart's clients and people. Throws ERR_BASTION_QUICKSTART when the package is
 * not installed: it is optional, since only the quickstart needs it.
 */
export async function createProvider(options: ProviderOptions): Promise<OpenIdProvider> {
  const { issuer, secrets, redirectUri, signInPath, now } = options
  const { Provider } = await loadPackage()
  const provider: OpenIdProvider = new Provider(issuer, {
    adapter: createIdpStorage(now),
    jwks: { keys: [secrets.signingKey] },
    cookies: { keys: [secrets.cookieKey] },
    clients: [
      machineClient('agent', secrets.clients.agent),
      machineClient('human', secrets.clients.human),
      {
        client_id: WEB_CLIENT,
        client_secret: secrets.clients.web,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [redirectUri],
        id_token_signed_response_alg: 'ES256',
        backchannel_logout_uri: new URL('/login/backchannel', redirectUri).href,
        backchannel_logout_session_required: true,
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { logoutSource: askToSignOut, postLogoutSuccessSource: signedOut },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context: unknown, client: Client, asked?: string) =>
          isMachine(client.clientId) ? AUDIENCE : asked,
        getResourceServerInfo: () => ({
          scope: 'ssh',
          audience: AUDIENCE,
          accessTokenTTL: TOKEN_LIFE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => signInPath(uid) },
    extraTokenClaims: (_context: unknown, { clientId }: Client) =>
      isMachine(clientId) ? MACHINES[clientId] : undefined,
    findAccount: (_context: unknown, id: string) => accountOf(id),
    // Nobody is asked for consent: the only application is our own.
    loadExistingGrant: (context: SignInContext) => grantAll(provider, context),
    claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
    scopes: SCOPES,
    // Without its guard against addresses that are not public: all of this is on loopback.
    fetch: (url: string, { dispatcher: _guarded, ...init }: RequestInit) => fetch(url, init),
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    renderError: (
      context: ErrorContext,
      { error, error_description: said = '' }: RefusedRequest,
    ) => {
      context.type = 'text/plain'
      context.body = `${error}: ${said}\n`
    },
    pkce: { required: () => true },
    ttl: {
      AccessToken: TOKEN_LIFE,
      AuthorizationCode: 60,
      ClientCredentials: TOKEN_LIFE,
      Grant: HOUR,
      IdToken: TOKEN_LIFE,
      Interaction: HOUR,
      Session: HOUR,
    },
  })
  return provider
}

interface Client {
  readonly clientId: string
}

interface SignInContext {
  readonly oidc: {
    readonly client: Client
    readonly session: { readonly accountId: string }
  }
}

interface ErrorContext {
  type: string
  body: string
}

interface RefusedRequest {
  readonly error: string
  readonly error_description?: string
}

function machineClient(id: string, secret: string): object {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: 'ES256',
  }
}

function accountOf(id: string): object | undefined {
  if (!isPerson(id)) return undefined
  const { name, groups } = PEOPLE[id]
  return { accountId: id, claims: () => ({ sub: id, name, groups }) }
}

async function grantAll(provider: OpenIdProvider, { oidc }: SignInContext): Promise<Grant> {
  const { accountId } = oidc.session
  const grant = new provider.Grant({ accountId, clientId: oidc.client.clientId })
  grant.addOIDCScope(SCOPES.join(' '))
  await grant.save()
  return grant
}

async function loadPackage(): Promise<ProviderModule> {
  // A literal would ask the compiler for declarations, and there are none.
  const name: string = 'oidc-provider'
  try {
    return (await import(name)) as ProviderModule
  } catch (error) {
    throw new BastionError(
      'ERR_BASTION_QUICKSTART',
      'the package oidc-provider is not installed; the quickstart needs it: npm install',
      error,
    )
  }
}
