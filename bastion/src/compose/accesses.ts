import type { Accesses } from '@sallyport/recorder/accesses'
import type { AuditDetail } from '../audit/audit.ts'

/** Keeps what the audit log says of a recording where the recording's own page can ask for it. */
export function recordAccess(
  accesses: Accesses,
  event: string,
  detail: AuditDetail,
  at: number,
): void {
  const { recordingId, channel, part, words, clientAddress } = detail
  const reviewer = fieldsOf(detail['reviewer'])
  if (typeof recordingId !== 'string') return
  accesses.add({
    at,
    event,
    recordingId,
    ...(typeof channel === 'number' ? { channel } : {}),
    ...(typeof part === 'string' ? { part } : {}),
    ...(typeof words === 'string' ? { words } : {}),
    name: textOf(reviewer.get('name')),
    subject: textOf(reviewer.get('subject')),
    issuer: textOf(reviewer.get('issuer')),
    clientAddress: textOf(clientAddress),
  })
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
