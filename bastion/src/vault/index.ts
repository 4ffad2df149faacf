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
export { createImportRoute } from './import-route.ts'
export { createVaultSteering } from './steer.ts'
export type { Made, Rewrapped, VaultState, VaultSteering, VaultSteeringOptions } from './steer.ts'
