import { createLocalJWKSet, errors } from 'jose'
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose'
import { fetchJSON } from './fetch-json.ts'
import { addressProblem, isSecret, keySetAddress } from './issuer.ts'
import type { IssuerConfig } from './issuer.ts'

/** The issuer's keys cannot be had right now; a new attempt may succeed. */
export class KeySetUnavailable extends Error {}

export interface KeySetOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly fetch: typeof globalThis.fetch
}

// Milliseconds.
const freshFor = 10 * 60_000
const missCooldown = 30_000
const failureCooldown = 5_000
const timeout = 3_000
const maxBytes = 256 * 1024

interface Fetched {
  readonly find: JWTVerifyGetKey
  readonly at: number
}

/**
 * Returns a lookup of the issuer's keys. However many tokens come in, one fetch runs at a time, none
 * within 5 s of a failure, and an unknown key id causes one only 30 s after the last success.
 * While the issuer is down its last keys serve on, up to `staleKeys`.
 *
 * The lookup throws KeySetUnavailable, or jose's error when the keys are there but none fits.
 */
export function createKeySet(issuer: IssuerConfig, options: KeySetOptions): JWTVerifyGetKey {
  if (issuer.jwks.kind === 'static') return createLocalJWKSet({ keys: [...issuer.jwks.keys] })
  const staleFor = Math.max(freshFor, (issuer.staleKeys ?? 3600) * 1000)
  const { now } = options
  let current: Fetched | undefined
  let running: Promise<void> | undefined
  let failure: { readonly at: number; readonly cause: unknown } | undefined

  async function refresh(): Promise<void> {
    try {
      const keys = await fetchKeys(issuer, options.fetch)
      current = { find: createLocalJWKSet(keys), at: now() }
      failure = undefined
    } catch (cause) {
      failure = { at: now(), cause }
    }
  }

  async function refreshOnce(): Promise<void> {
    if (failure !== undefined && now() - failure.at < failureCooldown) return
    running ??= refresh().finally(() => (running = undefined))
    await running
  }

  function unavailable(problem: string): KeySetUnavailable {
    const cause = failure?.cause
    return new KeySetUnavailable(`keys of issuer "${issuer.name}" ${problem}: ${because(cause)}`, {
      cause,
    })
  }

  function usable(): Fetched {
    if (current !== undefined && now() - current.at < staleFor) return current
    throw unavailable('cannot be had')
  }

  return async (header, token) => {
    if (current === undefined || now() - current.at >= freshFor) await refreshOnce()
    const keys = usable()
    try {
      return await keys.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (failure === undefined && now() - keys.at < missCooldown) throw error
    }
    await refreshOnce()
    // The key may be one that we could not fetch: that is no fault of the token.
    if (failure !== undefined) throw unavailable('are stale and hold no such key')
    return usable().find(header, token)
  }
}

async function fetchKeys(
  issuer: IssuerConfig,
  fetch: typeof globalThis.fetch,
): Promise<JSONWebKeySet> {
  const request = { fetch, timeout, maxBytes }
  const address = keySetAddress(issuer) ?? ''
  if (issuer.jwks.kind === 'uri') return publicKeys(await fetchJSON(address, request))
  const discovery = await fetchJSON(address, request)
  if (!isRecord(discovery) || discovery['issuer'] !== issuer.issuer) {
    throw new Error(`${address} speaks for another issuer`)
  }
  const uri = discovery['jwks_uri']
  if (typeof uri !== 'string') throw new Error(`${address} names no jwks_uri`)
  const problem = addressProblem(uri, issuer.allowInsecureHttp === true)
  if (problem !== undefined) throw new Error(`jwks_uri ${problem}`)
  return publicKeys(await fetchJSON(uri, request))
}

function publicKeys(document: unknown): JSONWebKeySet {
  const keys = isRecord(document) ? document['keys'] : undefined
  if (!Array.isArray(keys)) throw new Error('the answer is no key set')
  return { keys: keys.filter((key) => isRecord(key) && !isSecret(key)) }
}

/** fetch() hides its reason one level down. */
function because(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
