import type { Request, RequestHandler, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { ReviewPages } from '../pages/review-pages.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import { SIGN_IN_COOKIE, parseCookies } from './cookies.ts'
import { isPermitted } from './groups.ts'
import type { Permission } from './groups.ts'
import type { SignIn, SignIns } from './sign-ins.ts'

/** Answers a request of somebody who is signed in and permitted. */
export type Answer = (request: Request, response: Response, viewer: SignIn) => Promise<void> | void

/** The one gate: each route behind it names its permission, none is reachable beside it. */
export interface Guard {
  /** Without a sign-in 401, without the permission 403, both as problem documents. */
  api(permission: Permission | undefined, answer: Answer): RequestHandler
  /** Without a sign-in on to /login and back, without the permission a page that says so. */
  page(permission: Permission | undefined, answer: Answer): RequestHandler
}

/** Returns the gate over `signIns`. */
export function createGuard(options: {
  readonly signIns: SignIns
  readonly pages: ReviewPages
  readonly trail: AuditTrail
}): Guard {
  const { signIns, pages, trail } = options

  async function isRefused(
    request: Request,
    viewer: SignIn,
    permission: Permission | undefined,
  ): Promise<boolean> {
    if (permission === undefined || isPermitted(viewer.roles, permission)) return false
    await trail.write('review.access-denied', request, viewer, { permission, path: request.path })
    return true
  }

  function api(permission: Permission | undefined, answer: Answer): RequestHandler {
    return async (request, response) => {
      const viewer = viewerOf(request, signIns)
      if (viewer === undefined) {
        sendProblem(response, 401, 'Not signed in', 'Sign in at /login first.')
      } else if (await isRefused(request, viewer, permission)) {
        sendProblem(response, 403, 'Not permitted', `Your roles do not include ${permission}.`)
      } else {
        await answer(request, response, viewer)
      }
    }
  }

  function page(permission: Permission | undefined, answer: Answer): RequestHandler {
    return async (request, response) => {
      const viewer = viewerOf(request, signIns)
      if (viewer === undefined) {
        response.redirect(302, `/login?returnTo=${encodeURIComponent(request.originalUrl)}`)
      } else if (await isRefused(request, viewer, permission)) {
        pages.notPermitted(response, viewer)
      } else {
        await answer(request, response, viewer)
      }
    }
  }

  return { api, page }
}

/** Returns the sign-in that a request carries, or undefined. */
export function viewerOf(request: Request, signIns: SignIns): SignIn | undefined {
  return signIns.find(parseCookies(request.headers.cookie).get(SIGN_IN_COOKIE))
}
