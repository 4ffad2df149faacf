import type { Request } from 'express'
import { ReviewError } from '../errors.ts'
import { clientAddress } from '../limit/client-address.ts'
import type { Person } from '../login/sign-ins.ts'
import type { AccessAudit, AccessEvent } from '../roles.ts'

/** Who looked at what. A reviewer is shown nothing that could not be written down first. */
export interface AuditTrail {
  /** Resolves once the event is written. Throws ERR_REVIEW_AUDIT_FAILED. */
  write(
    event: AccessEvent,
    request: Request,
    person: Person | undefined,
    detail?: Readonly<Record<string, unknown>>,
  ): Promise<void>
}

/** Returns a trail that adds the reviewer and their address to each event. */
export function createAuditTrail(audit: AccessAudit): AuditTrail {
  return {
    async write(event, request, person, detail = {}) {
      const reviewer = person && {
        issuer: person.issuer,
        subject: person.subject,
        name: person.name,
        roles: person.roles,
      }
      try {
        await audit.write(event, {
          ...detail,
          reviewer,
          clientAddress: clientAddress(request),
        })
      } catch (cause) {
        throw new ReviewError('ERR_REVIEW_AUDIT_FAILED', `could not write ${event}`, { cause })
      }
    },
  }
}
