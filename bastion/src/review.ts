import { openCast, openEvents } from '@sallyport/recorder/store'
import { castMarkers, castView } from '@sallyport/recorder/view'
import {
  createReviewApp,
  type ApprovalDesk,
  type CastStore,
  type ReviewApp,
  type TargetDesk,
} from '@sallyport/web-replay/app'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Audit } from './audit/audit.ts'
import { recordAccess } from './compose/accesses.ts'
import type { Evidence } from './compose/evidence.ts'
import type { Config } from './config/config.ts'
import { scopeRules } from './config/scopes.ts'
import type { Steering } from './control/index.ts'

export interface ReviewOptions {
  readonly config: Config
  readonly evidence: Evidence
  readonly steering: Steering
  readonly approvals: ApprovalDesk
  readonly targets: TargetDesk
  readonly root: string
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly banner: string | undefined
}

/** Returns the reviewers' app over this bastion's recordings; undefined when none is configured. */
export async function createReviewRouter(options: ReviewOptions): Promise<ReviewApp | undefined> {
  const { config, evidence, steering, approvals, targets, root, audit, now, banner } = options
  const { catalog, search, outlines, live, accesses } = evidence
  const { web, limits } = config
  const { forwardedBy } = config.http
  if (web === undefined) return undefined
  const clientSecret = (await readFile(web.clientSecretFile, 'utf8')).trim()
  return createReviewApp({
    externalUrl: config.http.url,
    catalog,
    ...(search === undefined ? {} : { search }),
    approvals,
    targets,
    casts: castStore(root),
    replay: {
      openCast: (recordingId, channel) => openCast(root, recordingId, channel),
      openEvents: (recordingId) => openEvents(root, recordingId),
      outline: (recordingId, channel) => outlines.get(recordingId, channel),
    },
    live,
    ender: { end: (id, reason, by) => steering.terminate(id, reason, by).length > 0 },
    history: accesses,
    audit: {
      write(event, detail) {
        audit.write(event, detail)
        recordAccess(accesses, event, detail, now())
      },
    },
    oidc: {
      issuer: web.issuer,
      clientId: web.clientId,
      clientSecret,
      groupsClaim: web.groupsClaim,
      allowInsecureHttp: web.developmentHttp,
    },
    roles: web.roles,
    ...(web.scopes === undefined ? {} : { scopes: scopeRules(web.scopes, config.targets) }),
    signInLimits: { perAddress: limits.signInRequestsPerAddress, all: limits.signInRequests },
    ...(forwardedBy === undefined ? {} : { forwardedBy }),
    now,
    onError: (error) => audit.write('review.failed', { error }),
    ...(banner === undefined ? {} : { banner }),
  })
}

function castStore(root: string): CastStore {
  return {
    async castView(recordingId, channel) {
      const file = await openCast(root, recordingId, channel)
      return file === undefined ? undefined : castView(file.chunks())
    },
    async rawCast(recordingId, channel) {
      const file = await openCast(root, recordingId, channel)
      return file === undefined ? undefined : Readable.from(file.chunks())
    },
    async markers(recordingId, channel) {
      const file = await openCast(root, recordingId, channel)
      return file === undefined ? [] : castMarkers(file.chunks())
    },
  }
}
