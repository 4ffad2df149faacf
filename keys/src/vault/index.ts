export type { KekParameters, Kek, KekSource } from './kek.ts'
export { createKekFile, kekFromFile } from './kek-file.ts'
export { kekFromPassphrase } from './kek-passphrase.ts'
export { parsePrivateKey } from './private-key.ts'
export type { ImportedKey } from './private-key.ts'
export type { Sealed } from './seal.ts'
export type { Signer } from './signer.ts'
export { openVault } from './vault.ts'
export type {
  GenerateOptions,
  NewVersionOptions,
  Vault,
  VaultEntry,
  VaultOptions,
} from './vault.ts'
