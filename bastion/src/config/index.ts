export { loadConfig, parseConfig } from './load.ts'
export type { Config } from './config.ts'
export { scopeRules } from './scopes.ts'
