/** Requests in a minute. */
export interface RateLimits {
  /** Of one network; for what a network is see `networkOf`. */
  readonly perAddress: number
  /** Of all together, before each is held to an equal share. */
  readonly all: number
}

export type RateVerdict =
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'refused'
      /** Which of the limits. */
      readonly limit: keyof RateLimits
      /** Seconds until it is worth another try. */
      readonly retryAfter: number
      /** Whether this is the first refusal after a minute without one. */
      readonly isFirst: boolean
    }

export interface Rates {
  take(network: string): RateVerdict
  /** What turned out to be no burden after all counts no longer. */
  giveBack(network: string, requests: number): void
  /** Somebody genuine is there: strangers can no longer crowd that network out. */
  trust(network: string): void
  /** Networks that something is known of. */
  readonly size: number
}

/** Milliseconds. */
const WINDOW = 60_000
/** Networks of somebody genuine; the one that was so longest ago is forgotten first. */
const MOST_TRUSTED = 1000

/**
 * Returns counters of requests in each minute. When all networks together are over their limit, those go on that are
 * below an equal share of it: one network cannot keep others out, and neither can a few. No more networks are ever known
 * than the limit of all has requests, beside the trusted ones.
 */
export function createRates(limits: RateLimits, now: () => number): Rates {
  const trusted = new Set<string>()
  const refusedAt = new Map<string, number>()
  let counts = new Map<string, number>()
  let sum = 0
  let since = Number.NEGATIVE_INFINITY

  function turn(time: number): void {
    if (time < since + WINDOW && time >= since) return
    counts = new Map()
    sum = 0
    since = time
    for (const [key, at] of refusedAt) if (time >= at + WINDOW) refusedAt.delete(key)
  }

  function limitFor(network: string): keyof RateLimits | undefined {
    const own = counts.get(network) ?? 0
    if (own >= limits.perAddress) return 'perAddress'
    if (sum < limits.all || trusted.has(network)) return undefined
    return own < Math.floor(limits.all / counts.size) ? undefined : 'all'
  }

  function refuse(network: string, limit: keyof RateLimits, time: number): RateVerdict {
    const key = limit === 'perAddress' ? network : ''
    const before = refusedAt.get(key)
    refusedAt.set(key, time)
    const isFirst = before === undefined || time >= before + WINDOW
    const retryAfter = Math.max(1, Math.ceil((since + WINDOW - time) / 1000))
    return { kind: 'refused', limit, retryAfter, isFirst }
  }

  return {
    take(network) {
      const time = now()
      turn(time)
      const limit = limitFor(network)
      if (limit !== undefined) return refuse(network, limit, time)
      counts.set(network, (counts.get(network) ?? 0) + 1)
      sum += 1
      return { kind: 'taken' }
    },
    giveBack(network, requests) {
      const own = counts.get(network) ?? 0
      const given = Math.min(own, requests)
      sum -= given
      if (own > given) counts.set(network, own - given)
      else counts.delete(network)
    },
    trust(network) {
      trusted.delete(network)
      trusted.add(network)
      const [oldest] = trusted
      if (trusted.size > MOST_TRUSTED && oldest !== undefined) trusted.delete(oldest)
    },
    get size() {
      return new Set([...counts.keys(), ...trusted]).size
    },
  }
}
