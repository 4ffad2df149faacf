import { visibleJson, visibleText } from '../review/visible-text.ts'
import type { HeldCommand } from '../roles.ts'
import type { GrantRow, HeldFacts, HeldProgress, HeldRow } from '../rows/held.ts'
import { linesOf, piecesOf } from './pieces.ts'

/**
 * Returns a function that gives a held command as JSON for an approver: fields picked by name, all text made visible,
 * nothing cut. What cannot change is worked out once: many pages look again at each change.
 */
export function createHeldView(): (row: HeldCommand) => HeldRow {
  const fixed = new Map<string, HeldFacts>()
  return (row) => {
    const known = fixed.get(row.digest) ?? fixedView(row)
    fixed.delete(row.digest)
    fixed.set(row.digest, known)
    const oldest = fixed.size > MOST_KEPT ? fixed.keys().next().value : undefined
    if (oldest !== undefined) fixed.delete(oldest)
    return { ...known, ...changingView(row) }
  }
}

/** Views that are kept; more than one answer holds. */
const MOST_KEPT = 200

function fixedView(row: HeldCommand): HeldFacts {
  return {
    identity: visibleText(row.identity),
    issuer: visibleText(row.issuer),
    subject: visibleText(row.subject),
    claims: visibleClaims(row.claims),
    target: visibleText(row.target),
    login: visibleText(row.login),
    clientAddress: visibleText(row.clientAddress),
    recordingId: visibleText(row.recordingId),
    channel: row.channel,
    rule: visibleText(row.rule),
    judged: row.judged,
    argv: row.argv.map((words) => words.map(piecesOf)),
    lines: linesOf(row.text),
    variables: row.variables.map(piecesOf),
    before: row.before.map((text) => visibleText(text)),
  }
}

function visibleClaims(claims: HeldCommand['claims']): HeldFacts['claims'] {
  const entries = Object.entries(claims)
  return Object.fromEntries(entries.map(([name, value]) => [visibleText(name), visibleJson(value)]))
}

function changingView(row: HeldCommand): HeldProgress {
  return {
    ticket: row.ticket,
    digest: row.digest,
    state: row.state,
    askedAt: row.askedAt,
    expiresAt: row.expiresAt,
    waitsFor: visibleText(row.waitsFor),
    reasonRequired: row.reasonRequired,
    grantSeconds: row.grantSeconds,
    approvals: row.approvals.map(({ name, at, reason, grantSeconds }) => {
      return { name: visibleText(name), at, reason: visibleText(reason), grantSeconds }
    }),
    ended: row.ended && {
      at: row.ended.at,
      by: optionalText(row.ended.by),
      reason: optionalText(row.ended.reason),
    },
    barred: optionalText(row.barred),
  }
}

export function grantView(row: GrantRow): GrantRow {
  return {
    id: row.id,
    rule: visibleText(row.rule),
    identity: visibleText(row.identity),
    target: visibleText(row.target),
    login: visibleText(row.login),
    until: row.until,
    by: row.by.map((name) => visibleText(name)),
  }
}

function optionalText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : visibleText(text)
}
