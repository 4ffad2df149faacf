import { clientAddress, networkOf, type Rates } from '@sallyport/web-replay/limit'
import type { RequestHandler } from 'express'
import type { Audit } from '../audit/audit.ts'

/**
 * Returns a handler that keeps an address from asking on and on for what it is refused: each refusal costs a signature
 * check and a line of the audit log. What is granted is not counted, however many ask from one address.
 */
export function limitRefusals(rates: Rates, audit: Audit): RequestHandler {
  return (request, response, next) => {
    const address = clientAddress(request)
    const network = networkOf(address)
    const verdict = rates.take(network)
    if (verdict.kind === 'taken') {
      response.once('finish', () => {
        const isRefused = response.statusCode >= 400 && response.statusCode < 500
        if (!isRefused) rates.giveBack(network, 1)
      })
      return next()
    }
    const { limit, retryAfter, isFirst } = verdict
    if (isFirst) audit.write('issue.limited', { clientAddress: address, network, limit })
    const description = `too many requests were refused; try again in ${retryAfter} s`
    response.status(429).set({ 'Retry-After': String(retryAfter), 'Cache-Control': 'no-store' })
    response.json({ error: 'temporarily_unavailable', error_description: description })
  }
}
