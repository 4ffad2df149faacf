import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApprovalAudit, Notifier } from '../roles.ts'
import { parseWebhookUrl } from './address.ts'
import { payloadOf } from './payload.ts'
import { createWebhookSigner, type WebhookSigner } from './signature.ts'

export interface WebhookOptions {
  /** https, or http on loopback. */
  readonly url: string
  /** `whsec_…` */
  readonly secret: string
  readonly audit: ApprovalAudit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Uint8Array
  /** Milliseconds before each further try; 1, 5 and 25 seconds unless told. */
  readonly pauses?: readonly number[]
  /** Milliseconds that one try may take; 5 seconds unless told. */
  readonly timeout?: number
}

export interface Webhook extends Notifier {
  /** Drops what was not delivered. */
  close(): Promise<void>
}

/** Notices that wait for a slow receiver; more are dropped, and written down as lost. */
const MOST_QUEUED = 100

interface Notice {
  readonly id: string
  readonly body: string
  readonly ticket: string
}

/** Returns a notifier that posts each notice, in order. Throws TypeError for an unsafe URL or a bad secret. */
export function createWebhook(options: WebhookOptions): Webhook {
  const { audit, now, random = randomBytes, pauses = [1000, 5000, 25_000] } = options
  const { timeout = 5000 } = options
  const url = parseWebhookUrl(options.url)
  const signer = createWebhookSigner(options.secret)
  const queue: Notice[] = []
  const closing = new AbortController()
  let delivering: Promise<void> | undefined

  async function deliverAll(): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (closing.signal.aborted) return
      await deliver(next)
    }
  }

  async function deliver(notice: Notice): Promise<void> {
    let failure = ''
    for (const pause of [0, ...pauses]) {
      try {
        if (pause > 0) await sleep(pause, undefined, { signal: closing.signal, ref: false })
        const status = await inTime((signal) => {
          return post(url, signer, notice, Math.floor(now() / 1000), signal)
        })
        if (status >= 200 && status < 300) return
        failure = `the receiver answered ${status}`
      } catch (error) {
        if (closing.signal.aborted) return
        failure = reasonOf(error)
      }
    }
    lost(notice.ticket, failure)
  }

  /** Gives one try its time, and less when everything ends. */
  async function inTime(attempt: (signal: AbortSignal) => Promise<number>): Promise<number> {
    const ending = new AbortController()
    const abort = (): void => ending.abort(closing.signal.reason)
    const timer = setTimeout(() => ending.abort(new Error('the receiver is too slow')), timeout)
    closing.signal.addEventListener('abort', abort, { once: true })
    try {
      return await attempt(ending.signal)
    } finally {
      clearTimeout(timer)
      closing.signal.removeEventListener('abort', abort)
    }
  }

  function lost(ticket: string, reason: string): void {
    audit.write('approve.webhook-failed', { ticket, reason })
  }

  return {
    notify(kind, ticket, link) {
      if (closing.signal.aborted) return
      if (queue.length >= MOST_QUEUED) {
        lost(ticket.id, 'too many notices wait for the receiver')
        return
      }
      const id = `msg_${Buffer.from(random(18)).toString('base64url')}`
      queue.push({ id, body: payloadOf(kind, ticket, link, now()), ticket: ticket.id })
      delivering ??= deliverAll().finally(() => {
        delivering = undefined
      })
    },
    async close() {
      closing.abort()
      queue.length = 0
      await delivering
    },
  }
}

async function post(
  url: URL,
  signer: WebhookSigner,
  { id, body }: Notice,
  timestamp: number,
  signal: AbortSignal,
): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    // A receiver that points elsewhere has not received it, and elsewhere is not where it was to go.
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'sallyport',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signer.sign(id, timestamp, body),
    },
    body,
    signal,
  })
  await response.body?.cancel()
  return response.status
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
