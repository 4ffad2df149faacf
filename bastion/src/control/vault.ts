import { Router } from 'express'
import { answerVaultCall, createImportRoute, type VaultSteering } from '../vault/index.ts'
import { createAnsweringRouter } from './answering.ts'
import { claimantOf } from './claimant.ts'

/** Returns the routes by which the vault is looked at and changed. Who may come here is for the caller to know. */
export function createVaultControl(steering: VaultSteering): Router {
  const router = Router()
  router.use(createImportRoute(steering, claimantOf))
  router.use(createAnsweringRouter((by, call) => answerVaultCall(steering, by, call)))
  return router
}
