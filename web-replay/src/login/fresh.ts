import type { SignIn } from './sign-ins.ts'

/** A decision needs a sign-in that is younger, in milliseconds. */
export const FRESH_FOR: number = 15 * 60_000

/**
 * Returns until when somebody may decide. What counts is when the identity provider saw them; one that does not say
 * is taken to have seen them when they signed in here.
 */
export function freshUntil(viewer: Pick<SignIn, 'signedInAt' | 'authTime'>): number {
  const seenAt = viewer.authTime === undefined ? viewer.signedInAt : viewer.authTime * 1000
  return Math.min(seenAt, viewer.signedInAt) + FRESH_FOR
}
