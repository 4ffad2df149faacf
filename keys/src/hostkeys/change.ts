import { fingerprint } from '../publickey/index.ts'
import type { PublicKey } from '../publickey/index.ts'
import { fingerprintOf, isRevoked } from './record.ts'
import type { HostKeyKind, HostKeyRecord, HostKeySource, TargetHostKeys } from './record.ts'

/** Who changes what is known of a target, when and why. */
export interface HostKeyTerms {
  readonly by: string
  readonly reason?: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** A key that somebody vouches for, or warns of. */
export interface HostKeyAddition {
  readonly kind: HostKeyKind
  readonly state: 'pinned' | 'revoked'
  readonly publicKey: PublicKey
}

/** What became of a change: the records that are new or different, or the sentence of a refusal. */
export type HostKeyChange =
  | {
      readonly kind: 'changed'
      readonly target: TargetHostKeys
      readonly records: readonly HostKeyRecord[]
    }
  | { readonly kind: 'refused'; readonly message: string }

/** Keys of one target, of all states. */
const MOST_KEYS = 256

/** Candidates of one target and one source; the one that was not seen for longest makes room. */
const MOST_CANDIDATES = 16

/** Adds what a person brings: all of it, or nothing when one of the keys to pin is revoked. */
export function addKeys(
  target: TargetHostKeys,
  additions: readonly HostKeyAddition[],
  source: HostKeySource,
  terms: HostKeyTerms,
): HostKeyChange {
  const records: HostKeyRecord[] = []
  let changed = target
  for (const { kind, state, publicKey } of additions) {
    if (state === 'pinned' && isRevoked(changed.records, publicKey.blob)) {
      return refused(`key ${fingerprint(publicKey.blob)} is revoked`)
    }
    const known = find(changed, kind, publicKey)
    if (known?.state === 'revoked' || known?.state === state) continue
    const record = { ...known, ...terms, kind, state, publicKey, source }
    records.push(record)
    changed = withRecord(changed, record)
  }
  if (changed.records.length > MOST_KEYS) return refused(`a target has at most ${MOST_KEYS} keys`)
  return { kind: 'changed', target: changed, records }
}

/** Adds keys that the target has proven to hold. Those that are known already were seen again, no more. */
export function addCandidates(
  target: TargetHostKeys,
  publicKeys: readonly PublicKey[],
  source: 'scan' | 'update',
  terms: HostKeyTerms,
): HostKeyChange {
  const records: HostKeyRecord[] = []
  const { at } = terms
  let changed = target
  for (const publicKey of publicKeys) {
    const known = find(changed, 'key', publicKey)
    const fresh = { ...terms, kind: 'key', state: 'candidate', publicKey, source } as const
    if (known === undefined) records.push(fresh)
    changed = withRecord(changed, { ...seenAt(known ?? fresh, at) })
  }
  return { kind: 'changed', target: withoutOldest(changed, source), records }
}

/** Pins a candidate, or the key by which a target came into quarantine; either way the quarantine ends. */
export function approveKey(
  target: TargetHostKeys,
  name: string,
  terms: HostKeyTerms,
): HostKeyChange {
  const { quarantine } = target
  const known = target.records.find((each) => each.kind === 'key' && fingerprintOf(each) === name)
  const offered = quarantine?.offered === name ? quarantine.publicKey : undefined
  const publicKey = known?.publicKey ?? offered
  if (publicKey === undefined) return refused(`there is no candidate ${name}`)
  if (isRevoked(target.records, publicKey.blob)) return refused(`key ${name} is revoked`)
  if (known?.state === 'pinned') return refused(`key ${name} is pinned already`)
  const source = known?.source ?? 'paste'
  const record = { ...known, ...terms, kind: 'key', state: 'pinned', publicKey, source } as const
  const { records } = withRecord(target, record)
  return { kind: 'changed', target: { records }, records: [record] }
}

/** Revokes a key by its fingerprint, in all that it is known as. */
export function revokeKey(
  target: TargetHostKeys,
  name: string,
  terms: HostKeyTerms,
): HostKeyChange {
  const known = target.records.filter((each) => fingerprintOf(each) === name)
  const { quarantine } = target
  const offered = quarantine?.offered === name ? quarantine.publicKey : undefined
  const named: readonly HostKeyRecord[] =
    known.length === 0 && offered !== undefined
      ? [{ kind: 'key', state: 'candidate', publicKey: offered, source: 'paste', by: terms.by }]
      : known
  if (named.length === 0) return refused(`there is no key ${name}`)
  if (named.every(({ state }) => state === 'revoked')) return refused(`key ${name} is revoked`)
  const records = named.map((record): HostKeyRecord => ({ ...record, ...terms, state: 'revoked' }))
  return { kind: 'changed', target: records.reduce(withRecord, target), records }
}

/** Ends the quarantine and changes nothing else. */
export function releaseTarget({ records, quarantine }: TargetHostKeys): HostKeyChange {
  if (quarantine === undefined) return refused('it is not in quarantine')
  return { kind: 'changed', target: { records }, records: [] }
}

/** Returns the record as one that the target has just proven to hold. */
export function seenAt(record: HostKeyRecord, at: string): HostKeyRecord {
  return { ...record, firstSeen: record.firstSeen ?? at, lastSeen: at }
}

/** Returns the target with the record in the place of the one for the same key. */
export function withRecord(target: TargetHostKeys, record: HostKeyRecord): TargetHostKeys {
  const known = find(target, record.kind, record.publicKey)
  if (known === undefined) return { ...target, records: [...target.records, record] }
  const records = target.records.map((each) => (each === known ? record : each))
  return { ...target, records }
}

function find(
  { records }: TargetHostKeys,
  kind: HostKeyKind,
  { blob }: PublicKey,
): HostKeyRecord | undefined {
  return records.find((each) => each.kind === kind && each.publicKey.blob.equals(blob))
}

/** A target that makes up keys pushes out its own, never what was scanned or decided. */
function withoutOldest(target: TargetHostKeys, source: HostKeySource): TargetHostKeys {
  const candidates = target.records.filter((each) => {
    return each.state === 'candidate' && each.source === source
  })
  const seen = ({ lastSeen = '' }: HostKeyRecord): string => lastSeen
  const kept = candidates
    .toSorted((a, b) => (seen(a) < seen(b) ? 1 : seen(a) > seen(b) ? -1 : 0))
    .slice(0, MOST_CANDIDATES)
  const records = target.records.filter((each) => !candidates.includes(each) || kept.includes(each))
  return { ...target, records }
}

function refused(message: string): HostKeyChange {
  return { kind: 'refused', message }
}
