import express, { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { DoorLimit } from '../limit/door-limit.ts'
import type { ReviewPages } from '../pages/review-pages.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import { visibleText } from '../review/visible-text.ts'
import { ATTEMPT_LIFETIME } from './attempts.ts'
import type { LoginAttempts } from './attempts.ts'
import type { Logouts } from './logouts.ts'
import { COOKIE_OPTIONS, SIGN_IN_COOKIE, parseCookies } from './cookies.ts'
import { groupsFromClaims, rolesForGroups } from './groups.ts'
import type { RoleGroups } from './groups.ts'
import { viewerOf } from './guard.ts'
import type { IdentityProvider, VerifiedClaims } from './provider.ts'
import { localPath } from './return-to.ts'
import { isCsrfToken, isSameOrigin } from './same-origin.ts'
import type { Person, SignIns } from './sign-ins.ts'

export interface LoginRoutesOptions {
  readonly externalUrl: URL
  readonly provider: IdentityProvider
  readonly attempts: LoginAttempts
  readonly signIns: SignIns
  readonly logouts: Logouts
  readonly roles: RoleGroups
  readonly groupsClaim: string
  readonly limit: DoorLimit
  readonly pages: ReviewPages
  readonly trail: AuditTrail
  readonly now: () => number
}

/** More than this many unfinished attempts in one browser would outgrow the request's headers. */
const ATTEMPTS_PER_BROWSER = 4

/** Returns the routes of signing in and out. */
export function loginRoutes(options: LoginRoutesOptions): Router {
  const { externalUrl, provider, attempts, signIns, limit, pages, trail } = options
  const redirectUri = new URL('/login/callback', externalUrl)

  async function begin(request: Request, response: Response): Promise<void> {
    const returnTo = localPath(request.query['returnTo'], externalUrl)
    const forceSignIn = request.query['prompt'] === 'login'
    if (!forceSignIn && viewerOf(request, signIns) !== undefined) {
      response.redirect(303, returnTo)
      return
    }
    const { location, attempt } = await provider.begin({ redirectUri, forceSignIn })
    const expiresAt = options.now() + ATTEMPT_LIFETIME
    const { name, value } = attempts.seal({ ...attempt, returnTo, expiresAt })
    const old = attempts.names(parseCookies(request.headers.cookie))
    if (old.length >= ATTEMPTS_PER_BROWSER) old.forEach((each) => dropCookie(response, each))
    response.cookie(name, value, { ...COOKIE_OPTIONS, maxAge: ATTEMPT_LIFETIME })
    response.redirect(302, location.href)
  }

  async function finish(request: Request, response: Response): Promise<void> {
    const cookies = parseCookies(request.headers.cookie)
    const attempt = attempts.open(request.query['state'], cookies)
    if (attempt === undefined) {
      await trail.write('review.sign-in-refused', request, undefined, { reason: 'unknown-attempt' })
      pages.signInFailed(
        response,
        'It took longer than ten minutes, was finished already, or was begun in another browser.',
      )
      return
    }
    dropCookie(response, attempts.nameOf(attempt.state))
    const callback = new URL(redirectUri)
    callback.search = new URL(request.originalUrl, externalUrl).search
    const result = await provider.finish(callback, attempt)
    if (result.kind === 'refused') {
      const reason = visibleText(result.reason, 200)
      await trail.write('review.sign-in-refused', request, undefined, { reason })
      pages.signInFailed(response, `The identity provider's answer was refused (${reason}).`)
      return
    }
    const person = personFromClaims(result.claims, options)
    if (options.logouts.hasEnded({ ...person, issuedAt: result.claims.iat })) {
      await trail.write('review.sign-in-refused', request, person, { reason: 'logged-out' })
      pages.signInFailed(response, 'The identity provider has signed you out meanwhile.')
      return
    }
    await admit(request, response, person, attempt.returnTo)
  }

  async function admit(
    request: Request,
    response: Response,
    person: Person,
    returnTo: string,
  ): Promise<void> {
    const previous = parseCookies(request.headers.cookie).get(SIGN_IN_COOKIE)
    signIns.end(previous)
    if (person.roles.length === 0) {
      await trail.write('review.sign-in-refused', request, person, { reason: 'no-role' })
      dropCookie(response, SIGN_IN_COOKIE)
      pages.noAccess(response, person)
      return
    }
    // Opened before it is written down: a logout that comes in between finds it, and nobody has its cookie yet.
    const id = signIns.open(person)
    try {
      await trail.write('review.signed-in', request, person)
    } catch (error) {
      signIns.end(id)
      throw error
    }
    // This one, and the one that began it.
    limit.isGenuine(request, 2)
    response.cookie(SIGN_IN_COOKIE, id, COOKIE_OPTIONS)
    response.redirect(303, returnTo)
  }

  async function signOut(request: Request, response: Response): Promise<void> {
    const viewer = viewerOf(request, signIns)
    if (viewer !== undefined) {
      const body: unknown = request.body
      const sent =
        typeof body === 'object' && body !== null && 'csrfToken' in body && body.csrfToken
      if (!isSameOrigin(request, externalUrl) || !isCsrfToken(sent, viewer.csrfToken)) {
        sendProblem(response, 403, 'Not from our page', 'Sign out with the button on the page.')
        return
      }
      signIns.end(parseCookies(request.headers.cookie).get(SIGN_IN_COOKIE))
      await trail.write('review.signed-out', request, viewer)
    }
    dropCookie(response, SIGN_IN_COOKIE)
    response.redirect(303, '/signed-out')
  }

  const router = Router()
  const limited = limit.before((response, seconds) => pages.tooMany(response, seconds))
  router.get('/login', limited, begin)
  router.get('/login/callback', limited, finish)
  router.post('/logout', express.urlencoded({ extended: false, limit: 4096 }), signOut)
  router.get('/signed-out', (_request, response) =>
    pages.signedOut(response, provider.endSession()),
  )
  return router
}

function personFromClaims(
  claims: VerifiedClaims,
  options: Pick<LoginRoutesOptions, 'groupsClaim' | 'roles'>,
): Person {
  const names = [claims['name'], claims['preferred_username'], claims['email']]
  const name = names.find((text) => typeof text === 'string' && text !== '')
  const authTime = claims['auth_time']
  const session = claims['sid']
  const groups = groupsFromClaims(claims, options.groupsClaim)
  return {
    issuer: visibleText(claims.iss, 512),
    subject: visibleText(claims.sub, 512),
    name: visibleText(typeof name === 'string' ? name : claims.sub, 128),
    roles: rolesForGroups(groups, options.roles),
    groups,
    ...(typeof authTime === 'number' ? { authTime } : {}),
    ...(typeof session === 'string' && session !== '' ? { session } : {}),
  }
}

function dropCookie(response: Response, name: string): void {
  response.clearCookie(name, COOKIE_OPTIONS)
}
