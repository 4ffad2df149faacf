import type { ErrorRequestHandler, RequestHandler } from 'express'
import { ReviewError } from '../errors.ts'
import { viewerOf } from '../login/guard.ts'
import type { SignIns } from '../login/sign-ins.ts'
import type { ReviewPages } from '../pages/review-pages.ts'
import { sendProblem } from './problem.ts'

/** Returns the last route: nothing answered. */
export function notFound(pages: ReviewPages, signIns: SignIns): RequestHandler {
  return (request, response) => {
    if (request.path.startsWith('/api/')) sendProblem(response, 404, 'Not found')
    else pages.notFound(response, viewerOf(request, signIns))
  }
}

/**
 * Returns the answer to what broke. The reviewer hears a flat sentence, `onError` the cause; an
 * answer that is under way is cut, so that half a recording never passes for a whole one.
 */
export function failure(
  pages: ReviewPages,
  onError: (error: unknown) => void,
): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { status, sentence } = explain(error)
    if (status >= 500) onError(error)
    if (response.headersSent) {
      response.destroy()
      return
    }
    response.removeHeader('Content-Disposition')
    if (request.path.startsWith('/api/')) sendProblem(response, status, sentence)
    else pages.failed(response, status, sentence)
  }
}

function explain(error: unknown): { readonly status: number; readonly sentence: string } {
  if (error instanceof ReviewError) {
    switch (error.code) {
      case 'ERR_REVIEW_PROVIDER_UNREACHABLE':
        return { status: 502, sentence: 'The identity provider cannot be reached. Try again soon.' }
      case 'ERR_REVIEW_AUDIT_FAILED':
        return { status: 503, sentence: 'The audit log cannot be written, so nothing is shown.' }
      case 'ERR_REVIEW_ASSET_MISSING':
        return { status: 500, sentence: 'Sallyport is not installed completely.' }
    }
  }
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, sentence: 'The request could not be read.' }
  }
  return { status: 500, sentence: 'This could not be read. The reason is in the log.' }
}
