import { randomBytes } from 'node:crypto'
import express from 'express'
import { findRoutes } from '../find/routes.ts'
import { scopeOf, type ScopeRule } from '../find/scope.ts'
import { createLoginAttempts } from '../login/attempts.ts'
import type { RoleGroups } from '../login/groups.ts'
import { createGuard } from '../login/guard.ts'
import { backchannelRoute } from '../login/backchannel-route.ts'
import { createLogouts } from '../login/logouts.ts'
import { createIdentityProvider } from '../login/provider.ts'
import type { OidcOptions } from '../login/provider.ts'
import { loginRoutes } from '../login/routes.ts'
import { createSignIns } from '../login/sign-ins.ts'
import { approvalRoutes } from '../approvals/routes.ts'
import { endRoute } from '../follow/end-route.ts'
import { followRoutes } from '../follow/routes.ts'
import { createDoorLimit } from '../limit/door-limit.ts'
import { createRates, type RateLimits } from '../limit/rates.ts'
import { createReviewPages } from '../pages/review-pages.ts'
import type { FindRecording } from '../replay/find-channel.ts'
import { createNoteOnce } from '../replay/once.ts'
import { replayRoutes } from '../replay/routes.ts'
import { transcriptRoutes } from '../replay/transcript-routes.ts'
import { createAuditTrail } from '../review/audit-trail.ts'
import { pageRoutes } from '../pages/routes.ts'
import { reviewRoutes } from '../review/routes.ts'
import type { TargetDesk } from '../targets/desk.ts'
import { targetRoutes } from '../targets/routes.ts'
import type { SignIn } from '../login/sign-ins.ts'
import type {
  AccessAudit,
  AccessHistory,
  ApprovalDesk,
  CastStore,
  LiveRecordings,
  ReplaySource,
  Scope,
  SessionCatalog,
  SessionEnder,
  SessionSearch,
} from '../roles.ts'
import { openAssets } from './assets.ts'
import { descriptionRoute } from './description.ts'
import { parseExternalUrl } from './external-url.ts'
import { failure, notFound } from './failures.ts'
import { noStore, securityHeaders } from './security-headers.ts'

export interface ReviewAppOptions {
  /** Where browsers reach the app: https, or http on loopback; scheme, host and port only. */
  readonly externalUrl: string
  readonly catalog: SessionCatalog
  /** Where commands and output are searched; without one the list alone can be filtered. */
  readonly search?: SessionSearch
  readonly casts: CastStore
  /** Where replays come from; without it sessions are listed, and their raw recordings given out. */
  readonly replay?: ReplaySource
  /** What can be followed while it runs; nothing unless given. */
  readonly live?: LiveRecordings
  /** Ends running sessions; without it the app cannot. */
  readonly ender?: SessionEnder
  readonly audit: AccessAudit
  /** What each session's page says of who has looked. */
  readonly history?: AccessHistory
  /** Where held commands are decided on; without one the app has no page for that. */
  readonly approvals?: ApprovalDesk
  /** The keys at the targets; without one the app has no page for that. */
  readonly targets?: TargetDesk
  readonly oidc: OidcOptions
  readonly roles: RoleGroups
  /** Who sees which targets; without it everybody with a role sees all. */
  readonly scopes?: readonly ScopeRule[]
  /** Requests around signing in, in a minute; 60 of one network and 600 of all unless given. */
  readonly signInLimits?: RateLimits
  /** Addresses and blocks of what stands in front and says whom it speaks for; else nobody is believed. */
  readonly forwardedBy?: readonly string[]
  /** At least 32 secret bytes that seal login attempts; random, so lost at a restart, unless given. */
  readonly sessionKey?: Uint8Array
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly random?: (size: number) => Uint8Array
  /** One line on top of every page, for example that this is a demonstration. */
  readonly banner?: string
  /** Hears what broke while answering; the reviewer hears a flat sentence. */
  readonly onError?: (error: unknown) => void
}

export interface ReviewApp {
  readonly handler: express.Express
  /** Ends every sign-in. The server that `handler` is mounted on belongs to the caller. */
  close(): Promise<void>
}

/**
 * Returns the reviewers' web app, ready to be mounted at the root of a server. It answers every path,
 * so mount it last. Throws TypeError for options that cannot be safe, ERR_REVIEW_ASSET_MISSING when
 * the installation lacks its page files.
 */
export async function createReviewApp(options: ReviewAppOptions): Promise<ReviewApp> {
  const { catalog, casts, oidc, roles, now, random = randomBytes, onError = ignore } = options
  const externalUrl = parseExternalUrl(options.externalUrl)
  const secret = options.sessionKey ?? random(32)
  const attempts = createLoginAttempts({ secret, now, random })
  const signIns = createSignIns({ now, random })
  const logouts = createLogouts(now)
  const provider = createIdentityProvider(oidc, now)
  const assets = await openAssets()
  const places = {
    approvals: options.approvals !== undefined,
    targets: options.targets !== undefined,
  }
  const pages = createReviewPages({ banner: options.banner, places, assets })
  const trail = createAuditTrail(options.audit)
  const { signInLimits = { perAddress: 60, all: 600 }, forwardedBy = [] } = options
  const limit = createDoorLimit(createRates(signInLimits, now), trail)
  const guard = createGuard({ signIns, pages, trail })
  const { groupsClaim } = oidc

  const app = express()
  app.set('etag', false)
  app.set('query parser', 'simple')
  app.set('trust proxy', [...forwardedBy])
  app.use(securityHeaders(externalUrl))
  app.use(assets.router)
  app.use(noStore)
  app.use(
    loginRoutes({
      externalUrl,
      provider,
      attempts,
      signIns,
      logouts,
      roles,
      groupsClaim,
      limit,
      pages,
      trail,
      now,
    }),
  )
  app.use(backchannelRoute({ provider, signIns, logouts, limit, trail, onError }))
  const { search, scopes } = options
  const scope = (viewer: SignIn): Scope => scopeOf(viewer, scopes)
  app.use(findRoutes({ guard, catalog, search, scopeOf: scope, trail }))
  app.use(reviewRoutes({ guard, catalog, casts, scopeOf: scope, trail }))
  const closers: (() => void)[] = []
  const find: FindRecording = (id, viewer) => catalog.getRecording(id, scope(viewer))
  const { replay: source, history, live, ender } = options
  app.use(pageRoutes({ guard, find, source, pages }))
  if (source !== undefined) {
    const note = createNoteOnce(trail, now)
    app.use(replayRoutes({ guard, find, source, history, note }))
    app.use(transcriptRoutes({ guard, find, source, trail, note }))
    if (live !== undefined) {
      const following = { guard, find, source, live, signIns, trail, now, onError }
      const follow = followRoutes(following)
      app.use(follow.router)
      closers.push(() => follow.close())
    }
  }
  if (ender !== undefined) app.use(endRoute({ externalUrl, guard, find, ender, trail }))
  if (options.approvals !== undefined) {
    const desk = options.approvals
    const approvals = approvalRoutes({
      externalUrl,
      guard,
      desk,
      scopeOf: scope,
      signIns,
      pages,
      trail,
      now,
    })
    app.use(approvals.router)
    closers.push(() => approvals.close())
  }
  if (options.targets !== undefined) {
    const desk = options.targets
    const targets = targetRoutes({ externalUrl, guard, desk, signIns, pages, trail, now })
    app.use(targets.router)
    closers.push(() => targets.close())
  }
  app.use(await descriptionRoute(guard))
  app.use(notFound(pages, signIns))
  app.use(failure(pages, onError))

  return {
    handler: app,
    async close() {
      closers.forEach((close) => close())
      signIns.clear()
    },
  }
}

function ignore(): void {}
