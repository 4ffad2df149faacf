import type { Router } from 'express'
import { answerVaultCall, type VaultSteering } from '../vault/index.ts'
import { createAnsweringRouter } from './answering.ts'

/** Returns the routes by which the vault is looked at and changed. Who may come here is for the caller to know. */
export function createVaultControl(steering: VaultSteering): Router {
  return createAnsweringRouter((by, call) => answerVaultCall(steering, by, call))
}
