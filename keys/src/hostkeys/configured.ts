import type { PublicKey } from '../publickey/index.ts'
import { isRevoked } from './record.ts'
import { withRecord } from './change.ts'
import type { HostKeyRecord, TargetHostKeys } from './record.ts'

/**
 * Returns what is known of a target together with the pins of its configuration, which is read anew at each start: what
 * no longer stands there is not pinned by it any more. A revocation stays one, wherever the key is pinned.
 */
export function withConfigured(
  known: TargetHostKeys | undefined,
  publicKeys: readonly PublicKey[],
): TargetHostKeys {
  const stands = ({ source, state, publicKey }: HostKeyRecord): boolean =>
    source !== 'config' ||
    state !== 'pinned' ||
    publicKeys.some(({ blob }) => blob.equals(publicKey.blob))
  let target: TargetHostKeys = { ...known, records: known?.records.filter(stands) ?? [] }
  for (const publicKey of publicKeys) {
    const before = target.records.find((each) => {
      return each.kind === 'key' && each.publicKey.blob.equals(publicKey.blob)
    })
    if (before?.state === 'pinned' || isRevoked(target.records, publicKey.blob)) continue
    const { firstSeen, lastSeen } = before ?? {}
    target = withRecord(target, {
      kind: 'key',
      state: 'pinned',
      publicKey,
      source: 'config',
      by: 'the configuration',
      ...(firstSeen !== undefined && { firstSeen }),
      ...(lastSeen !== undefined && { lastSeen }),
    })
  }
  return target
}
