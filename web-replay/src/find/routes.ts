import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { Guard } from '../login/guard.ts'
import type { SignIn } from '../login/sign-ins.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import { parsePageQuery } from '../review/parameters.ts'
import { recordingView } from '../review/recording-view.ts'
import { sendText } from '../review/send.ts'
import type { RecordingFilters, Scope, SessionCatalog, SessionSearch } from '../roles.ts'
import { exportLines } from './export-lines.ts'
import { parseFilters } from './filters.ts'
import { searchView } from './search-view.ts'

export interface FindRoutesOptions {
  readonly guard: Guard
  readonly catalog: SessionCatalog
  readonly search: SessionSearch | undefined
  readonly scopeOf: (viewer: SignIn) => Scope
  readonly trail: AuditTrail
}

/** Groups of hits in one answer, unless told. */
const GROUPS = '20'
const LONGEST_TEXT = 256

/** Returns the API by which sessions are found: the list, the search, and the list to take away. */
export function findRoutes(options: FindRoutesOptions): Router {
  const { guard, catalog, search, scopeOf, trail } = options

  async function list(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const filters = readFilters(request, response, ['limit', 'before'])
    if (filters === undefined) return
    const query = parsePageQuery(request.query)
    if (query.kind === 'malformed') return malformed(response, query.problem)
    const { limit, before } = query
    const page = await catalog.listRecordings({ limit, before, filters, scope: scopeOf(viewer) })
    if (page === undefined) {
      return malformed(response, 'before is not a cursor from an earlier page.')
    }
    const { rows, next, searchedTo } = page
    response.json({ rows: rows.map(recordingView), next, searchedTo })
  }

  async function find(request: Request, response: Response, viewer: SignIn): Promise<void> {
    if (search === undefined) {
      return sendProblem(response, 404, 'No search', 'This bastion keeps no search index.')
    }
    const filters = readFilters(request, response, ['limit', 'before', 'q', 'in'])
    if (filters === undefined) return
    const { q: text, in: within, limit = GROUPS } = request.query
    if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_TEXT) {
      return malformed(response, `q must be text of 1 to ${LONGEST_TEXT} characters.`)
    }
    if (within !== 'commands' && within !== 'output') {
      return malformed(response, 'in must be commands or output.')
    }
    const query = parsePageQuery({ ...request.query, limit })
    if (query.kind === 'malformed') return malformed(response, query.problem)
    await trail.write('review.searched', request, viewer, { text, within, filters })
    const { limit: size, before } = query
    const scope = scopeOf(viewer)
    const answer = await search.search({ text, within, limit: size, before, filters, scope })
    switch (answer.kind) {
      case 'page':
        response.json(searchView(answer.page))
        return
      case 'malformed':
        return malformed(response, answer.problem)
      case 'busy':
        return sendProblem(response, 503, 'Busy', 'Other searches are under way. Try again.')
    }
  }

  async function take(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const filters = readFilters(request, response, ['format'])
    if (filters === undefined) return
    const { format } = request.query
    if (format !== 'csv' && format !== 'jsonl') {
      return malformed(response, 'format must be csv or jsonl.')
    }
    await trail.write('review.exported', request, viewer, { format, filters })
    response.attachment(`sessions.${format}`)
    response.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl')
    await sendText(response, exportLines(catalog, { filters, scope: scopeOf(viewer) }, format))
  }

  const router = Router()
  router.get('/api/sessions', guard.api('recordings.view', list))
  router.get('/api/sessions.export', guard.api('recordings.view', take))
  router.get('/api/search', guard.api('recordings.view', find))
  return router
}

function readFilters(
  request: Request,
  response: Response,
  others: readonly string[],
): RecordingFilters | undefined {
  const parsed = parseFilters(request.query, others)
  if (parsed.kind === 'filters') return parsed.filters
  malformed(response, parsed.problem)
  return undefined
}

function malformed(response: Response, problem: string): void {
  sendProblem(response, 400, 'Malformed query', problem)
}
