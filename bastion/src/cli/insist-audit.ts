import { join } from 'node:path'
import type { AuditDetail } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import { BastionError } from '../errors.ts'

/** Writes an event to the audit log while no bastion runs. What is not in there did not happen: else this rejects. */
export async function insistAudit(
  config: Config,
  event: string,
  detail: AuditDetail,
): Promise<void> {
  const file = join(config.data, 'audit.ndjson')
  try {
    const { openAudit } = await import('../audit/audit.ts')
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
