import type { Vault } from '@sallyport/keys/vault'
import type { AuditLog } from '../audit/audit.ts'
import { createVaultSteering, type VaultSteering } from '../vault/index.ts'
import type { Closers } from './closers.ts'
import { kekSourceOf } from './kek.ts'

export interface VaultSteeringParts {
  readonly vault: Vault
  readonly audit: AuditLog
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly closers: Closers
}

/** Returns what the vault is steered by while the bastion runs; KEKs are had from where the bastion runs. */
export function composeVaultSteering(parts: VaultSteeringParts): VaultSteering {
  const { vault, audit, now, closers } = parts
  const steering = createVaultSteering({
    vault,
    audit,
    kekSource: (entry) => kekSourceOf(entry, { now }),
    now,
  })
  closers.add(() => steering.close())
  return steering
}
