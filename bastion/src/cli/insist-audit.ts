import { join } from 'node:path'
import { openAudit, type AuditDetail } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import { BastionError } from '../errors.ts'

/** Writes an event to the audit log while no bastion runs. What is not in there did not happen: else this throws. */
export function insistAudit(config: Config, event: string, detail: AuditDetail): void {
  const file = join(config.data, 'audit.ndjson')
  try {
    const audit = openAudit({ file, now: () => new Date(), quiet: true })
    try {
      audit.insist(event, detail)
    } finally {
      audit.close()
    }
  } catch (error) {
    throw new BastionError('ERR_BASTION_CONTROL', `${event} could not be audited`, error)
  }
}
