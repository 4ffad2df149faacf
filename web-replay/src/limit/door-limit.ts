import type { Request, RequestHandler, Response } from 'express'
import type { AuditTrail } from '../review/audit-trail.ts'
import { clientAddress } from './client-address.ts'
import { networkOf } from './network.ts'
import type { Rates } from './rates.ts'

/** Answers somebody who may try again in some seconds; the header says so already. */
export type Refuse = (response: Response, seconds: number) => void

/** Limits how often one may ask for what costs us before we know anybody. */
export interface DoorLimit {
  /** Returns a handler that lets a request through to the next, or refuses it. */
  before(refuse: Refuse): RequestHandler
  /** What came of it was genuine: so many requests up to this one count no more, and their network is known. */
  isGenuine(request: Request, requests: number): void
}

/** Returns the limit. Each burst that is refused is written down once, when it begins. */
export function createDoorLimit(rates: Rates, trail: AuditTrail): DoorLimit {
  const networkFor = (request: Request): string => networkOf(clientAddress(request))
  return {
    before: (refuse) => async (request, response, next) => {
      const network = networkFor(request)
      const verdict = rates.take(network)
      if (verdict.kind === 'taken') return next()
      const { limit, retryAfter, isFirst } = verdict
      const { path } = request
      if (isFirst) {
        await trail.write('review.sign-in-limited', request, undefined, { network, limit, path })
      }
      response.status(429).set('Retry-After', String(retryAfter))
      refuse(response, retryAfter)
    },
    isGenuine(request, requests) {
      const network = networkFor(request)
      rates.giveBack(network, requests)
      rates.trust(network)
    },
  }
}
