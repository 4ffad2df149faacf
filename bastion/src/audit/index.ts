export { openAudit, type Audit, type AuditLog, type AuditOptions } from './audit.ts'
