import { createReader } from '@sallyport/keys/wire'
import { DISCONNECT, message, MSG, sshString } from '../ssh/messages.ts'
import type { Transport } from '../ssh/transport.ts'
import { parseUserauthRequest, type PublicKeyRequest } from './userauth-request.ts'

/**
 * The answer to a signed request: admitted, refused with a sentence for the person who reads the client's stderr, or
 * refused without one.
 */
export type Admission<T> =
  | { readonly kind: 'admitted'; readonly value: T }
  | { readonly kind: 'refused'; readonly message: string }

export interface UserauthOptions<T> {
  readonly transport: Transport
  /** Called for signed requests only: a query must give nothing away, so it never gets here. */
  readonly judge: (request: PublicKeyRequest) => Promise<Admission<T>>
  /** Signed requests that may fail before the connection is ended. */
  readonly maxTries: number
  /** All requests, queries included: clients offer every key they have. */
  readonly maxRequests: number
}

/** Requests that may wait while one is judged; RFC 4252 section 5.1 lets a client send ahead. */
const MAX_WAITING = 8

/**
 * Serves `ssh-userauth` (RFC 4252) on `transport` until a request is admitted, and resolves with what `judge` admitted,
 * USERAUTH_SUCCESS sent and nobody listening any more. Resolves with undefined when the connection ended instead.
 *
 * One request is judged at a time, in order. Everything that is not authentication ends the connection: no message of
 * the connection protocol is looked at before success.
 */
export function serveUserauth<T>(options: UserauthOptions<T>): Promise<T | undefined> {
  const { transport, judge, maxTries, maxRequests } = options
  return new Promise((resolve) => {
    const waiting: Buffer[] = []
    let serviceAccepted = false
    let judging = false
    let done = false
    let tries = 0
    let requests = 0

    const violation = (text: string): void => {
      done = true
      transport.disconnect(DISCONNECT.PROTOCOL_ERROR, text)
    }
    const fail = (): void => {
      transport.send(message(MSG.USERAUTH_FAILURE, sshString('publickey'), Buffer.of(0)))
    }
    const next = (): void => {
      while (!judging && !done && waiting.length > 0) run(waiting.shift() ?? Buffer.alloc(0))
    }
    const settle = (admission: Admission<T>): void => {
      if (done || transport.closed) return
      if (admission.kind === 'admitted') {
        if (waiting.length > 0) return violation('messages ahead of the answer to a login')
        done = true
        transport.send(message(MSG.USERAUTH_SUCCESS))
        transport.loggedIn()
        resolve(admission.value)
        return
      }
      transport.send(
        message(
          MSG.USERAUTH_BANNER,
          sshString(`sallyport: ${admission.message}\r\n`),
          sshString(''),
        ),
      )
      tries += 1
      if (tries >= maxTries) return violation('too many failed authentications')
      fail()
    }
    const query = (request: PublicKeyRequest): void => {
      // Every certificate gets the same answer, good or bad: what it is worth is said after a signature only.
      if (!request.algorithm.endsWith('-cert-v01@openssh.com')) return fail()
      transport.send(
        message(MSG.USERAUTH_PK_OK, sshString(request.algorithm), sshString(request.blob)),
      )
    }
    const step = async (payload: Buffer): Promise<void> => {
      if (!serviceAccepted) {
        const service = payload[0] === MSG.SERVICE_REQUEST ? serviceName(payload) : undefined
        if (service !== 'ssh-userauth') return violation('expected a request for ssh-userauth')
        serviceAccepted = true
        transport.send(message(MSG.SERVICE_ACCEPT, sshString(service)))
        return
      }
      if (payload[0] !== MSG.USERAUTH_REQUEST) return violation('authenticate first')
      requests += 1
      if (requests > maxRequests) return violation('too many authentication requests')
      const request = parseUserauthRequest(payload, transport.sessionId)
      if (request.kind === 'wrong-service') return violation(`no service ${request.service}`)
      if (request.kind === 'other') return fail()
      if (request.signature === undefined) return query(request)
      judging = true
      const admission = await judge(request)
      judging = false
      settle(admission)
      next()
    }
    const run = (payload: Buffer): void => {
      step(payload).catch((error: unknown) => {
        violation(error instanceof Error ? error.message : String(error))
      })
    }
    transport.onClose(() => {
      done = true
      resolve(undefined)
    })
    transport.listen((borrowed) => {
      const payload = Buffer.from(borrowed)
      if (done) return violation('message before the answer to an authentication request')
      if (!judging) return run(payload)
      waiting.push(payload)
      if (waiting.length > MAX_WAITING) violation('too many requests at once')
    })
  })
}

function serviceName(payload: Buffer): string {
  const reader = createReader(payload)
  reader.u8()
  const name = reader.text()
  reader.end()
  return name
}
