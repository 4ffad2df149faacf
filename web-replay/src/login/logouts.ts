import { LOGOUT_LIFE, TOLERANCE, type Logout } from './logout-token.ts'
import type { Person } from './sign-ins.ts'

/** Somebody who has come back from the provider. */
export type Arrival = Pick<Person, 'subject' | 'session'> & {
  /** When the provider said who they are; seconds since 1970. */
  readonly issuedAt: number
}

/** The logouts of the last minutes: none counts twice, and no sign-in that was under way overtakes one. */
export interface Logouts {
  /** False for one that has come before. */
  add(logout: Logout): boolean
  /** Whether the provider has ended, meanwhile, what somebody arrives with. */
  hasEnded(arrival: Arrival): boolean
  readonly size: number
}

/** All of them are signed by the provider, so it alone could fill this; the oldest then go. */
const MOST = 10_000

export function createLogouts(now: () => number): Logouts {
  const recent = new Map<string, Logout>()

  function forget(): void {
    const oldest = now() / 1000 - LOGOUT_LIFE - TOLERANCE
    for (const [jti, { issuedAt }] of recent) {
      if (issuedAt <= oldest || recent.size > MOST) recent.delete(jti)
    }
  }

  return {
    add(logout) {
      if (recent.has(logout.jti)) return false
      recent.set(logout.jti, logout)
      forget()
      return true
    },
    hasEnded(arrival) {
      return [...recent.values()].some(
        (logout) => arrival.issuedAt <= logout.issuedAt && concerns(logout, arrival),
      )
    },
    get size() {
      return recent.size
    },
  }
}

/**
 * True when `logout` is about a sign-in of `person`. Where it names one session of the provider it is about that one;
 * a sign-in for which the provider named none ends with any session of its person.
 */
export function concerns(logout: Logout, person: Pick<Person, 'subject' | 'session'>): boolean {
  const { subject, session } = logout
  if (subject !== undefined && subject !== person.subject) return false
  if (session === undefined || person.session === undefined) return subject !== undefined
  return session === person.session
}
