import type { AuthorityKind } from '@sallyport/keys/authority'
import { formatPublicKeyLine, type PublicKey } from '@sallyport/keys/publickey'
import { clientAddress } from '@sallyport/web-replay/limit'
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express'
import { CERTIFICATE_TYPE, error, type ExchangeError } from './exchange-request.ts'
import type { Exchange, Issued } from './exchange.ts'

export interface IssueRouterOptions {
  readonly exchange: Exchange
  /** Comes before the exchange. */
  readonly limit: RequestHandler
  /** What others should know of an authority, the active key first. It changes while we run. */
  readonly publicKeys: (kind: AuthorityKind) => readonly PublicKey[]
}

const MAX_BODY = 64 << 10

/**
 * Returns the routes of the exchange: `POST /oauth2/token`, and the public keys of the authorities for `known_hosts`
 * and for a look.
 */
export function createIssueRouter(options: IssueRouterOptions): Router {
  const { exchange, limit, publicKeys } = options
  const router = express.Router()
  router.post(
    '/oauth2/token',
    limit,
    express.urlencoded({ extended: false, limit: MAX_BODY, parameterLimit: 20 }),
    async (request, response) => {
      response.set('Cache-Control', 'no-store')
      const outcome = await exchange.exchange(request.body, clientAddress(request))
      if (outcome.kind === 'error')
        return void response.status(outcome.status).json(errorBody(outcome))
      if (request.accepts(['json', 'text']) === 'text') {
        return void response.type('text/plain').send(`${outcome.line}\n`)
      }
      response.json(body(outcome))
    },
  )
  for (const kind of ['user', 'upstream'] as const) {
    router.get(`/ssh/${kind}-ca.pub`, (_request, response) => {
      const lines = publicKeys(kind).map(({ blob }) =>
        formatPublicKeyLine(blob, `sallyport-${kind}-ca`),
      )
      response.type('text/plain').send(`${lines.join('\n')}\n`)
    })
  }
  router.get('/ssh/known_hosts', (_request, response) => {
    const lines = publicKeys('host').map(
      ({ blob }) => `@cert-authority * ${formatPublicKeyLine(blob)}`,
    )
    response.type('text/plain').send(`${lines.join('\n')}\n`)
  })
  router.use('/oauth2/token', malformed(exchange))
  return router
}

/** A body that could not be read: too large, of another kind, or not a form. */
function malformed(exchange: Exchange): ErrorRequestHandler {
  return (cause: unknown, request, response, _next) => {
    const status = statusOf(cause)
    const description = cause instanceof Error ? cause.message : 'the body cannot be read'
    const refusal = error('invalid_request', description, status)
    exchange.refused(refusal, clientAddress(request))
    response.status(status).json(errorBody(refusal))
  }
}

function statusOf(cause: unknown): number {
  const status = typeof cause === 'object' && cause !== null && 'status' in cause ? cause.status : 0
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 400
}

/** RFC 8693 section 2.2.1. */
function body({ certificate, line, expiresIn }: Issued): Record<string, unknown> {
  return {
    access_token: line,
    issued_token_type: CERTIFICATE_TYPE,
    token_type: 'N_A',
    expires_in: expiresIn,
    scope: certificate.validPrincipals.join(' '),
    serial: certificate.serial.toString(),
    key_id: certificate.keyId,
    principals: certificate.validPrincipals,
    valid_after: new Date(Number(certificate.validAfter) * 1000).toISOString(),
    valid_before: new Date(Number(certificate.validBefore) * 1000).toISOString(),
  }
}

function errorBody({ error, description }: ExchangeError): Record<string, string> {
  return { error, error_description: description }
}
