export type { HostKeyAddition } from './change.ts'
export { checkHostKey, hostKeyAlgorithms } from './check.ts'
export type { HostKeyCheck, HostKeyQuestion, HostKeyRefusal } from './check.ts'
export { coversHost, knownHostName } from './host-pattern.ts'
export type { HostAddress, HostNames, HostPattern } from './host-pattern.ts'
export { parseKnownHosts } from './known-hosts.ts'
export type { KnownHosts, KnownHostsEntry, KnownHostsProblem } from './known-hosts.ts'
export { findHostKeys } from './lookup.ts'
export type { KnownHostsFinding } from './lookup.ts'
export { fingerprintOf, isRevoked, pinnedOf } from './record.ts'
export type {
  HostKeyKind,
  HostKeyRecord,
  HostKeySource,
  HostKeyState,
  Quarantine,
} from './record.ts'
export { openHostKeyStore } from './store.ts'
export type {
  HostKeyActor,
  HostKeyOutcome,
  HostKeyStore,
  HostKeyStoreOptions,
  Written,
} from './store.ts'
