/**
 * The succession of an authority's keys, in which several are known at a time:
 *
 *     next -> active -> retiring -> retired
 *
 * `next` is published but signs nothing yet, `active` signs, `retiring` signs no more but is still
 * trusted, `retired` is trusted no more. There is always one active key, and never a second one that
 * is next or retiring. All of this is pure.
 */
export type AuthorityKeyState = 'next' | 'active' | 'retiring' | 'retired'

/** What is known of one key; the private half is in a file of its own. */
export interface AuthorityKey {
  readonly version: number
  readonly state: AuthorityKeyState
  readonly publicKeyLine: string
  /** When it came into this state. */
  readonly since: string
  /** What took certificates of it when that was tried. */
  readonly verified: readonly Verification[]
}

export interface Verification {
  readonly what: string
  readonly at: string
}

export type Succession =
  | { readonly kind: 'changed'; readonly keys: readonly AuthorityKey[] }
  | { readonly kind: 'refused'; readonly message: string }

/** Retired keys that are kept in mind. */
const mostRetired = 16

export function keyIn(
  keys: readonly AuthorityKey[],
  state: AuthorityKeyState,
): AuthorityKey | undefined {
  return keys.find((key) => key.state === state)
}

/** The version that a new key gets; none is ever given twice. */
export function nextVersion(keys: readonly AuthorityKey[]): number {
  return Math.max(0, ...keys.map(({ version }) => version)) + 1
}

export function addNext(
  keys: readonly AuthorityKey[],
  publicKeyLine: string,
  at: string,
): Succession {
  const problem = nextProblem(keys)
  if (problem !== undefined) return refused(problem)
  const version = nextVersion(keys)
  const added: AuthorityKey = { version, state: 'next', publicKeyLine, since: at, verified: [] }
  return changed([...keys, added])
}

/** Why there can be no next key now, or undefined. */
export function nextProblem(keys: readonly AuthorityKey[]): string | undefined {
  const next = keyIn(keys, 'next')
  return next === undefined
    ? undefined
    : `version ${next.version} is next already; promote it first`
}

/** Makes the next key the active one. `required` is what must have been verified with it. */
export function promote(
  keys: readonly AuthorityKey[],
  required: readonly string[],
  at: string,
): Succession {
  const next = keyIn(keys, 'next')
  if (next === undefined) return refused('no key is next; make one first')
  const retiring = keyIn(keys, 'retiring')
  if (retiring !== undefined) {
    return refused(`version ${retiring.version} is retiring still; retire it first`)
  }
  const missing = required.filter((what) => !next.verified.some((one) => one.what === what))
  if (missing.length > 0) {
    return refused(`not verified yet with version ${next.version}: ${missing.join('; ')}`)
  }
  return changed(keys.map((key) => move(key, { next: 'active', active: 'retiring' }, at)))
}

/** Takes a promotion back: the retiring key signs again, and the active one is next, to be verified anew. */
export function rollBack(keys: readonly AuthorityKey[], at: string): Succession {
  if (keyIn(keys, 'retiring') === undefined) {
    return refused('no key is retiring, so there is nothing to go back to')
  }
  const next = keyIn(keys, 'next')
  if (next !== undefined)
    return refused(`version ${next.version} is next; there is no room for another`)
  return changed(keys.map((key) => move(key, { retiring: 'active', active: 'next' }, at)))
}

/** Ends the trust in the retiring key, which must have been retiring for `overlap` seconds. */
export function retire(keys: readonly AuthorityKey[], overlap: number, at: string): Succession {
  const retiring = keyIn(keys, 'retiring')
  if (retiring === undefined) return refused('no key is retiring')
  const end = Date.parse(retiring.since) + overlap * 1000
  if (Date.parse(at) < end) {
    const until = new Date(end).toISOString()
    return refused(`certificates of version ${retiring.version} may be good until ${until}`)
  }
  const moved = keys.map((key) => move(key, { retiring: 'retired' }, at))
  const retired = moved.filter(({ state }) => state === 'retired').slice(-mostRetired)
  return changed(moved.filter((key) => key.state !== 'retired' || retired.includes(key)))
}

/** Writes down that `what` took a certificate of this version, which is of interest before a promotion only. */
export function noteVerified(
  keys: readonly AuthorityKey[],
  version: number,
  what: string,
  at: string,
): Succession {
  const next = keyIn(keys, 'next')
  if (next?.version !== version) return refused(`version ${version} is not next`)
  const verified = [...next.verified.filter((one) => one.what !== what), { what, at }]
  return changed(keys.map((key) => (key === next ? { ...key, verified } : key)))
}

type Moves = Partial<Record<AuthorityKeyState, AuthorityKeyState>>

function move(key: AuthorityKey, moves: Moves, at: string): AuthorityKey {
  const state = moves[key.state]
  if (state === undefined) return key
  return { ...key, state, since: at, verified: state === 'next' ? [] : key.verified }
}

function changed(keys: readonly AuthorityKey[]): Succession {
  return { kind: 'changed', keys }
}

function refused(message: string): Succession {
  return { kind: 'refused', message }
}
