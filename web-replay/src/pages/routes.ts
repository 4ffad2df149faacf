import type { Outline } from '@sallyport/recorder/replay'
import { Router } from 'express'
import type { Request, Response } from 'express'
import type { Guard } from '../login/guard.ts'
import type { SignIn } from '../login/sign-ins.ts'
import type { FindRecording } from '../replay/find-channel.ts'
import { parseRecordingId } from '../review/parameters.ts'
import type { RecordingDetail, ReplaySource } from '../roles.ts'
import type { ReviewPages } from './review-pages.ts'

export interface PageRoutesOptions {
  readonly guard: Guard
  readonly find: FindRecording
  readonly source: ReplaySource | undefined
  readonly pages: ReviewPages
}

/** Returns the pages over recordings. */
export function pageRoutes({ guard, find, source, pages }: PageRoutesOptions): Router {
  async function replay(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const id = parseRecordingId(request.params['id'])
    if (id === undefined) return pages.notFound(response, viewer)
    const detail = await find(id, viewer)
    const asks = detail === undefined ? [] : ['/api/me', ...(await asksOf(detail, request.query))]
    pages.replay(response, viewer, id, asks)
  }

  /** What the page is going to ask for, as far as that is known without telling anything of the recording. */
  async function asksOf(
    detail: RecordingDetail,
    query: Request['query'],
  ): Promise<readonly string[]> {
    const { id, status } = detail.recording
    const path = `/api/sessions/${id}`
    const row =
      detail.channels.find(({ channel }) => String(channel) === query['channel']) ??
      detail.channels[0]
    if (row === undefined || status === 'running' || source === undefined) return [path]
    const base = `${path}/channels/${row.channel}`
    const answer = await source.outline(id, row.channel)
    if (answer.kind !== 'outline' || answer.outline.events === 0) return [path, `${base}/outline`]
    const { outline } = answer
    const size = `?size=${outline.size}`
    const segment = segmentAt(outline, Number(query['t'] ?? 0))
    return [path, `${base}/outline`, `${base}/index${size}`, `${base}/segments/${segment}${size}`]
  }

  async function compare(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const ids = [request.query['a'], request.query['b']].map(parseRecordingId)
    const [a, b] = ids
    if (a === undefined || b === undefined) return pages.notFound(response, viewer)
    const asks = ids.map((id) => `/api/sessions/${id}`)
    pages.compare(response, viewer, a === b ? asks.slice(1) : asks)
  }

  const router = Router()
  router.get(
    '/',
    guard.page('recordings.view', (_request, response, viewer) => pages.list(response, viewer)),
  )
  router.get('/sessions/compare', guard.page('recordings.view', compare))
  router.get('/sessions/:id', guard.page('recordings.view', replay))
  return router
}

/** Returns the number of the segment in which a moment lies. */
function segmentAt({ segments }: Outline, seconds: number): number {
  const next = segments.findIndex(({ at }) => at / 1e6 > seconds)
  return (next === -1 ? segments.length : Math.max(1, next)) - 1
}
