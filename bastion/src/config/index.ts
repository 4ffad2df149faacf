export { loadConfig, loadVaultEntry, parseConfig } from './load.ts'
export type { Config } from './config.ts'
export type { KekEntry, VaultEntry } from './vault.ts'
export { scopeRules } from './scopes.ts'
