import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReviewApp } from '@sallyport/web-replay/app'
import type { OidcOptions, ReviewAppOptions } from '@sallyport/web-replay/app'
import { CLIENT_ID, CLIENT_SECRET, startIssuer, type TestIssuer } from './issuer.ts'
import { TestAudit, TestCasts, TestCatalog, replayOf } from './recordings.ts'

export const ROLES = {
  reviewer: ['sallyport-reviewers'],
  approver: ['sallyport-approvers'],
  admin: ['sallyport-admins'],
}

export interface ReviewServer {
  readonly url: string
  readonly issuerUrl: string
  readonly issuer: TestIssuer
  readonly catalog: TestCatalog
  readonly casts: TestCasts
  readonly audit: TestAudit
  readonly errors: unknown[]
  /** Moves the app's clock forward. */
  advance(milliseconds: number): void
  close(): Promise<void>
}

/** Returns the app on loopback, signed in to by a real OpenID provider. */
export async function startReviewServer(
  options: {
    readonly groupsIn?: 'idToken' | 'userinfo'
    /** Whether the provider tells the app of logouts, and names its sessions. */
    readonly backchannel?: boolean
    readonly oidc?: Partial<OidcOptions>
    readonly app?: Partial<ReviewAppOptions>
  } = {},
): Promise<ReviewServer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const redirectUri = `${url}/login/callback`
  const issuer = await startIssuer({
    redirectUri,
    groupsIn: options.groupsIn ?? 'idToken',
    ...(options.backchannel === true ? { backchannelUri: `${url}/login/backchannel` } : {}),
  })
  const catalog = new TestCatalog()
  const casts = new TestCasts()
  const audit = new TestAudit()
  const errors: unknown[] = []
  let ahead = 0
  const app = await createReviewApp({
    externalUrl: url,
    catalog,
    casts,
    replay: replayOf(casts),
    audit,
    history: audit,
    oidc: {
      issuer: issuer.url,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      groupsClaim: 'groups',
      scope: 'openid profile groups',
      allowInsecureHttp: true,
      ...options.oidc,
    },
    roles: ROLES,
    now: () => Date.now() + ahead,
    onError: (error) => errors.push(error),
    ...options.app,
  })
  server.on('request', app.handler)
  return {
    url,
    issuerUrl: issuer.url,
    issuer,
    catalog,
    casts,
    audit,
    errors,
    advance(milliseconds) {
      ahead += milliseconds
    },
    async close() {
      await app.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await issuer.close()
    },
  }
}
