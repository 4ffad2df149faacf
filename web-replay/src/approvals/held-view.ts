import { visibleJson, visibleText } from '../review/visible-text.ts'
import type { GrantRow, HeldCommand } from '../roles.ts'
import { linesOf, piecesOf } from './pieces.ts'

type View = Readonly<Record<string, unknown>>

/** Returns a held command as JSON for an approver: fields picked by name, all text made visible, nothing cut. */
export function heldView(row: HeldCommand): View {
  return {
    ticket: row.ticket,
    digest: row.digest,
    state: row.state,
    askedAt: row.askedAt,
    expiresAt: row.expiresAt,
    identity: visibleText(row.identity),
    issuer: visibleText(row.issuer),
    subject: visibleText(row.subject),
    claims: visibleJson(row.claims),
    target: visibleText(row.target),
    login: visibleText(row.login),
    clientAddress: visibleText(row.clientAddress),
    recordingId: visibleText(row.recordingId),
    channel: row.channel,
    rule: visibleText(row.rule),
    judged: row.judged,
    argv: row.argv.map((words) => words.map(piecesOf)),
    lines: linesOf(row.text),
    before: row.before.map((text) => visibleText(text)),
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

export function grantView(row: GrantRow): View {
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
