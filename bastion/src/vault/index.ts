export { answerVaultCall } from './control-routes.ts'
export { createExportRequests } from './export-requests.ts'
export type {
  Asked,
  Decided,
  ExportAsked,
  ExportRequest,
  ExportRequests,
  ExportRequestsOptions,
  Taken,
} from './export-requests.ts'
export { createImportDesk } from './import-desk.ts'
export type { ImportDesk } from './import-desk.ts'
export { createVaultSteering } from './steer.ts'
export type { Made, Rewrapped, VaultState, VaultSteering, VaultSteeringOptions } from './steer.ts'
