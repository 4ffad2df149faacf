import type { Catalog } from '@sallyport/recorder/catalog'
import type { SearchIndex } from '@sallyport/recorder/search'
import { openCast } from '@sallyport/recorder/store'
import { castMarkers, castView } from '@sallyport/recorder/view'
import {
  createReviewApp,
  type ApprovalDesk,
  type CastStore,
  type ReviewApp,
} from '@sallyport/web-replay/app'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Audit } from './audit/audit.ts'
import type { Config } from './config/config.ts'
import { scopeRules } from './config/scopes.ts'

export interface ReviewOptions {
  readonly config: Config
  readonly catalog: Catalog
  readonly search: SearchIndex | undefined
  readonly approvals: ApprovalDesk
  readonly root: string
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly banner: string | undefined
}

/** Returns the reviewers' app over this bastion's recordings; undefined when none is configured. */
export async function createReviewRouter(options: ReviewOptions): Promise<ReviewApp | undefined> {
  const { config, catalog, search, approvals, root, audit, now, banner } = options
  const { web } = config
  if (web === undefined) return undefined
  const clientSecret = (await readFile(web.clientSecretFile, 'utf8')).trim()
  return createReviewApp({
    externalUrl: config.http.url,
    catalog,
    ...(search === undefined ? {} : { search }),
    approvals,
    casts: castStore(root),
    audit: { write: (event, detail) => audit.write(event, detail) },
    oidc: {
      issuer: web.issuer,
      clientId: web.clientId,
      clientSecret,
      groupsClaim: web.groupsClaim,
      allowInsecureHttp: web.developmentHttp,
    },
    roles: web.roles,
    ...(web.scopes === undefined ? {} : { scopes: scopeRules(web.scopes, config.targets) }),
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
