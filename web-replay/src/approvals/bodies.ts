import { fieldsOf } from '../login/body-fields.ts'
import type { DeskVerdict } from '../roles.ts'

const ID = /^[A-Za-z0-9_-]{16,64}$/
const DIGEST = /^[0-9a-f]{64}$/
const LONGEST_REASON = 1024

/** Returns the id of a ticket or a grant, or undefined. */
export function parseId(text: unknown): string | undefined {
  return typeof text === 'string' && ID.test(text) ? text : undefined
}

export type VerdictBody =
  | { readonly kind: 'verdict'; readonly verdict: DeskVerdict }
  | { readonly kind: 'malformed'; readonly problem: string }

/** Returns what a decision says; what it does not know it refuses. */
export function parseVerdict(body: unknown): VerdictBody {
  const fields = fieldsOf(body)
  const unknown = [...fields.keys()].find((name) => !VERDICT_FIELDS.has(name))
  if (unknown !== undefined)
    return malformed(`${JSON.stringify(unknown.slice(0, 40))} is not known here.`)
  const verdict = fields.get('verdict')
  const digest = fields.get('digest')
  const reason = fields.get('reason') ?? ''
  const grantSeconds = fields.get('grantSeconds') ?? 0
  if (verdict !== 'approve' && verdict !== 'refuse') {
    return malformed('verdict must be "approve" or "refuse".')
  }
  if (typeof digest !== 'string' || !DIGEST.test(digest)) {
    return malformed('digest must be the one that came with what you were shown.')
  }
  if (typeof reason !== 'string' || reason.length > LONGEST_REASON) {
    return malformed(`reason must be text of at most ${LONGEST_REASON} bytes.`)
  }
  if (typeof grantSeconds !== 'number' || !Number.isSafeInteger(grantSeconds) || grantSeconds < 0) {
    return malformed('grantSeconds must be a whole number of seconds.')
  }
  return { kind: 'verdict', verdict: { verdict, digest, reason, grantSeconds } }
}

/** Returns the reason in a body, or an empty one; undefined when it is no text. */
export function parseReason(body: unknown): string | undefined {
  const reason = fieldsOf(body).get('reason') ?? ''
  return typeof reason === 'string' && reason.length <= LONGEST_REASON ? reason : undefined
}

const VERDICT_FIELDS = new Set(['verdict', 'digest', 'reason', 'grantSeconds', 'csrfToken'])

function malformed(problem: string): VerdictBody {
  return { kind: 'malformed', problem }
}
