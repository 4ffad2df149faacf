import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** One question to a key engine. The body is sent as it is and stays the caller's, to be wiped. */
export interface EngineRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** PEM of the authorities that the engine's certificate may come from; undefined for the usual ones. */
  readonly ca: Buffer | undefined
  /** Milliseconds for all tries together. */
  readonly timeout: number
  /** Whether an answer says that the next try may have another one. */
  readonly isPassing: (answer: EngineAnswer) => boolean
}

export interface EngineAnswer {
  readonly status: number
  /** To be wiped by the caller. */
  readonly body: Buffer
}

const longestAnswer = 64 * 1024

/** Milliseconds before each further try. */
const pauses = [100, 400] as const
/** Failures of a connection that the next one may not have. */
const passingCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
])

/**
 * Posts to a key engine and returns its answer, whatever its status; redirects are not followed. It asks again, twice
 * at most, when what went wrong may pass; encrypting twice does no harm. Throws an Error that says why when there is no
 * whole answer in time, or a longer one than 64 KiB.
 */
export async function askEngine(asked: EngineRequest): Promise<EngineAnswer> {
  const { timeout, isPassing } = asked
  const signal = AbortSignal.timeout(timeout)
  try {
    for (const pause of pauses) {
      const answer = await askOnce(asked, signal).catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        if (!passingCodes.has(code)) throw error
      })
      if (answer !== undefined && !isPassing(answer)) return answer
      answer?.body.fill(0)
      await sleep(pause, undefined, { signal })
    }
    return await askOnce(asked, signal)
  } catch (error) {
    if (signal.aborted) throw new Error(`no answer within ${timeout} ms`, { cause: error })
    throw error
  }
}

/** node:https and not fetch: fetch takes no CA bundle, and keeps copies of what passes through it. */
async function askOnce(asked: EngineRequest, signal: AbortSignal): Promise<EngineAnswer> {
  const { url, headers, body, ca } = asked
  const { promise, resolve, reject } = Promise.withResolvers<EngineAnswer>()
  const common = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(body.length) },
    agent: false,
    signal,
  } as const
  const answered = (response: IncomingMessage): void => {
    readWhole(response).then(
      (bytes) => resolve({ status: response.statusCode ?? 0, body: bytes }),
      reject,
    )
  }
  const sent =
    url.protocol === 'https:'
      ? requestHttps(url, { ...common, ca, minVersion: 'TLSv1.2' }, answered)
      : requestHttp(url, common, answered)
  sent.on('error', reject)
  sent.end(body)
  try {
    return await promise
  } finally {
    sent.destroy()
  }
}

async function readWhole(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue
      chunks.push(chunk)
      length += chunk.length
      if (length > longestAnswer)
        throw new Error(`its answer is longer than ${longestAnswer} bytes`)
    }
    if (!response.complete) throw new Error('its answer was cut short')
    return Buffer.concat(chunks)
  } finally {
    for (const chunk of chunks) chunk.fill(0)
  }
}

/** Returns the address of an engine. Throws TypeError unless it is https, or http on loopback. */
export function engineAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url?.hostname ?? '')
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return url
  throw new TypeError(`"${address}" must be an https address; http is for loopback alone`)
}
