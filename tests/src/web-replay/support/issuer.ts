import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import type { JWTPayload } from 'jose'

export const CLIENT_ID = 'sallyport-web'
export const CLIENT_SECRET = 'a secret of the test client'

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  reviewer: ['sallyport-reviewers'],
  approver: ['sallyport-approvers'],
  shop: ['sallyport-reviewers', 'team-shop'],
  both: ['sallyport-reviewers', 'team-shop', 'team-pay'],
  shopApprover: ['sallyport-approvers', 'team-shop'],
  payApprover: ['sallyport-approvers', 'team-pay'],
  admin: ['sallyport-admins', 'everyone'],
  nobody: ['everyone', 'sallyport-reviewers-emeriti'],
}

export interface TestIssuer {
  readonly url: string
  /** Signs as the issuer does. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, string>>): Promise<string>
  close(): Promise<void>
}

interface ProviderModule {
  readonly Provider: new (
    issuer: string,
    configuration: Readonly<Record<string, unknown>>,
  ) => { callback(): RequestListener }
}

/**
 * Returns a real OpenID provider on loopback with its development sign-in page, where the login name
 * picks the groups. With `groupsIn` 'userinfo' the ID token holds none.
 */
export async function startIssuer(options: {
  readonly redirectUri: string
  readonly groupsIn?: 'idToken' | 'userinfo'
  /** Where the app hears of logouts; its ID tokens then name the session. */
  readonly backchannelUri?: string
}): Promise<TestIssuer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: 'test', use: 'sig', alg: 'ES256' }
  const client = {
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uris: [options.redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    id_token_signed_response_alg: 'ES256',
    ...(options.backchannelUri === undefined
      ? {}
      : {
          backchannel_logout_uri: options.backchannelUri,
          backchannel_logout_session_required: true,
        }),
  }
  const packageName: string = 'oidc-provider' // untyped: a literal would ask for declarations
  const { Provider } = (await import(packageName)) as ProviderModule
  const provider = quietly(
    () =>
      new Provider(url, {
        jwks: { keys: [key] },
        clients: [client],
        // Without its guard against addresses that are not public: all of this is on loopback.
        fetch: (to: string, { dispatcher: _guarded, ...init }: Unguarded) => fetch(to, init),
        cookies: { keys: ['cookie key of the test issuer'] },
        features: {
          devInteractions: { enabled: true },
          backchannelLogout: { enabled: true },
          rpInitiatedLogout: {
            logoutSource: (page: { body: string }, form: string) => void (page.body = form),
          },
        },
        claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
        scopes: ['openid', 'profile', 'groups'],
        conformIdTokenClaims: options.groupsIn === 'userinfo',
        enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'] },
        pkce: { required: () => true },
        findAccount: (_context: unknown, id: string) => ({
          accountId: id,
          claims: () => ({ sub: id, name: `Test ${id}`, groups: GROUPS[id] ?? [] }),
        }),
        ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
      }),
  )
  server.on('request', provider.callback())
  return {
    url,
    sign: (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'test', ...header })
        .sign(privateKey),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Unguarded extends RequestInit {
  readonly dispatcher?: unknown
}

/** The provider warns on the console that its memory and its sign-in page are for development. */
function quietly<T>(construct: () => T): T {
  const { warn } = console
  console.warn = () => {}
  try {
    return construct()
  } finally {
    console.warn = warn
  }
}
