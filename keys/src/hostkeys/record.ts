import { fingerprint } from '../publickey/index.ts'
import type { PublicKey } from '../publickey/index.ts'

export const hostKeySources = ['config', 'known_hosts', 'scan', 'update', 'paste'] as const

/** How a key came here: `update` is the target's own offer of more keys, `paste` is a person's. */
export type HostKeySource = (typeof hostKeySources)[number]

export const hostKeyStates = ['pinned', 'candidate', 'revoked'] as const

/** A candidate counts for nothing until somebody approves it. A revoked key is refused for ever. */
export type HostKeyState = (typeof hostKeyStates)[number]

export const hostKeyKinds = ['key', 'authority'] as const

/** An authority signs the host certificates that are accepted; it is no host key itself. */
export type HostKeyKind = (typeof hostKeyKinds)[number]

/** What is known of one key of one target. Times are ISO 8601, UTC. */
export interface HostKeyRecord {
  readonly kind: HostKeyKind
  readonly state: HostKeyState
  readonly publicKey: PublicKey
  readonly source: HostKeySource
  /** Who brought it into its state. */
  readonly by: string
  readonly reason?: string
  /** When it came into its state; unknown for keys of the configuration. */
  readonly at?: string
  /** When the target itself first and last proved to hold it. */
  readonly firstSeen?: string
  readonly lastSeen?: string
}

/** A target that showed a key which nobody pinned: nobody is sent there until a person has looked. */
export interface Quarantine {
  readonly since: string
  /** Fingerprints of what was pinned. */
  readonly expected: readonly string[]
  /** The fingerprint of what it showed. */
  readonly offered: string
  /** What it showed, when that was a key. That it holds the key was not proven. */
  readonly publicKey?: PublicKey
}

/** All that is known of the host keys of one target; each key stands at most once per kind. */
export interface TargetHostKeys {
  readonly records: readonly HostKeyRecord[]
  readonly quarantine?: Quarantine
}

/** Returns the fingerprint by which people name a record. */
export function fingerprintOf({ publicKey }: HostKeyRecord): string {
  return fingerprint(publicKey.blob)
}

/** Returns whether the key is revoked, as a host key or as an authority. */
export function isRevoked(records: readonly HostKeyRecord[], blob: Uint8Array): boolean {
  return records.some(({ state, publicKey }) => state === 'revoked' && publicKey.blob.equals(blob))
}

/** Returns what is trusted: a revocation wins over every pin of the same key. */
export function pinnedOf(
  records: readonly HostKeyRecord[],
  kind: HostKeyKind,
): readonly PublicKey[] {
  return records
    .filter((record) => record.kind === kind && record.state === 'pinned')
    .map(({ publicKey }) => publicKey)
    .filter(({ blob }) => !isRevoked(records, blob))
}
