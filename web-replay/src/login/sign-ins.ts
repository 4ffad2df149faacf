/**
 * Who is signed in. A sign-in that has lapsed or ended is absent; rows are found by a hash of the
 * cookie's value, so that a heap dump holds nothing which could be presented.
 */
import { createHash } from 'node:crypto'
import type { Role } from './groups.ts'

/** Without a request for this long a sign-in lapses, in milliseconds. */
export const IDLE_LIMIT: number = 30 * 60_000
/** No sign-in lives longer than this, in milliseconds. */
export const ABSOLUTE_LIMIT: number = 8 * 60 * 60_000

const ID = /^[A-Za-z0-9_-]{43}$/

/** A person whom the identity provider has authenticated; keyed by issuer and subject. */
export interface Person {
  readonly issuer: string
  readonly subject: string
  /** For display only. */
  readonly name: string
  readonly roles: readonly Role[]
  /** As the identity provider sent them, each compared by exact value. */
  readonly groups: readonly string[]
  /** When the identity provider saw them authenticate, if it said so; seconds. */
  readonly authTime?: number
  /** What the identity provider calls its own session with them, if it said so. */
  readonly session?: string
}

export interface SignIn extends Person {
  readonly csrfToken: string
  /** Milliseconds. */
  readonly signedInAt: number
  readonly expiresAt: number
}

export interface SignIns {
  /** Returns a fresh 256-bit id, to be handed out once as a cookie, for a person with a role. */
  open(person: Person): string
  /** Returns the sign-in of `id` and counts the call as activity, or undefined. */
  find(id: string | undefined): SignIn | undefined
  /** Whether there still is a sign-in of `id`; counts as no activity. */
  isLive(id: string | undefined): boolean
  /** Ends the sign-in of `id` and returns it, or undefined when there is none. */
  end(id: string | undefined): SignIn | undefined
  /** Ends those that `concerns` picks, and returns them. */
  endAll(concerns: (signIn: SignIn) => boolean): readonly SignIn[]
  /** Calls back when a sign-in has been ended, not when one lapses; returns how to stop that. */
  onEnd(callback: () => void): () => void
  /** Ends all. */
  clear(): void
}

interface Row {
  readonly signIn: SignIn
  seenAt: number
}

/** Returns an empty register of sign-ins, held in memory: a restart ends them all. */
export function createSignIns(options: {
  readonly now: () => number
  readonly random: (size: number) => Uint8Array
}): SignIns {
  const rows = new Map<string, Row>()
  const watchers = new Set<() => void>()
  const randomId = (): string => Buffer.from(options.random(32)).toString('base64url')

  function isLive(row: Row): boolean {
    const now = options.now()
    return now < row.signIn.expiresAt && now < row.seenAt + IDLE_LIMIT
  }

  function sweep(): void {
    for (const [key, row] of rows) if (!isLive(row)) rows.delete(key)
  }

  function open(person: Person): string {
    if (person.roles.length === 0) throw new TypeError('a sign-in needs at least one role')
    sweep()
    const id = randomId()
    const now = options.now()
    const signIn = {
      ...person,
      csrfToken: randomId(),
      signedInAt: now,
      expiresAt: now + ABSOLUTE_LIMIT,
    }
    rows.set(keyOf(id), { signIn, seenAt: now })
    return id
  }

  function take(id: string | undefined): Row | undefined {
    if (id === undefined || !ID.test(id)) return undefined
    const key = keyOf(id)
    const row = rows.get(key)
    if (row === undefined || isLive(row)) return row
    rows.delete(key)
    return undefined
  }

  function find(id: string | undefined): SignIn | undefined {
    const row = take(id)
    if (row !== undefined) row.seenAt = options.now()
    return row?.signIn
  }

  function end(id: string | undefined): SignIn | undefined {
    const row = take(id)
    if (row === undefined || id === undefined) return undefined
    rows.delete(keyOf(id))
    told()
    return row.signIn
  }

  function endAll(concerns: (signIn: SignIn) => boolean): readonly SignIn[] {
    sweep()
    const ended = [...rows].filter(([, { signIn }]) => concerns(signIn))
    for (const [key] of ended) rows.delete(key)
    if (ended.length > 0) told()
    return ended.map(([, { signIn }]) => signIn)
  }

  function told(): void {
    for (const callback of watchers) callback()
  }

  function onEnd(callback: () => void): () => void {
    watchers.add(callback)
    return () => void watchers.delete(callback)
  }

  const isLiveId = (id: string | undefined): boolean => take(id) !== undefined

  const clear = (): void => rows.clear()
  return { open, find, isLive: isLiveId, end, endAll, onEnd, clear }
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
