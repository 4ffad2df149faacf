import type { Audit } from './audit/audit.ts'
import type { AuthenticatedIdentity } from './authenticate/identity.ts'
import type { Admission } from './authenticate/userauth.ts'
import type { PublicKeyRequest } from './authenticate/userauth-request.ts'
import type { LoginVerdict } from './authenticate/verify-login.ts'

/** Writes an audit event of one connection. */
export type Report = (event: string, detail: Readonly<Record<string, unknown>>) => void

export function reporter(audit: Audit, connectionId: string): Report {
  return (event, detail) => audit.write(event, { connectionId, ...detail })
}

/** What the audit log says of a proven identity. */
export function who(authenticated: AuthenticatedIdentity): Readonly<Record<string, unknown>> {
  const { identity, login, certificate, clientAddress } = authenticated
  const { name, issuer, subject } = identity
  return { identity: name, issuer, subject, login, serial: certificate.serial, clientAddress }
}

/** Reports a login that failed; the client hears the reason, after a signature only. */
export function rejected(
  report: Report,
  request: PublicKeyRequest,
  { code, reason }: LoginVerdict & { kind: 'rejected' },
): Admission<never> {
  report('authenticate.rejected', { username: request.username, code, reason })
  return { kind: 'refused', message: reason }
}

/** Reports a route that is not to be had; what is behind it is for admins alone. */
export function refused(report: Report, message: string, cause?: unknown): Admission<never> {
  const detail = cause instanceof Error ? { cause: cause.message } : {}
  report('route.refused', { reason: message, ...detail })
  return { kind: 'refused', message }
}
