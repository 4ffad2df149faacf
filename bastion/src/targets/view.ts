import type { HostKeyRecord, HostKeyStore, Quarantine } from '@sallyport/keys/hostkeys'
import { fingerprintOf } from '@sallyport/keys/hostkeys'
import { formatPublicKeyLine } from '@sallyport/keys/publickey'
import type { TargetEntry } from '../config/config.ts'

/** One key of a target as people see it. */
export interface HostKeyView extends Omit<HostKeyRecord, 'publicKey'> {
  readonly fingerprint: string
  readonly type: string
  /** As it stands in a known_hosts file, behind the names. */
  readonly key: string
}

/** One target as people see it. */
export interface TargetView {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly labels: Readonly<Record<string, string>>
  readonly logins: readonly string[]
  readonly hostKeys: readonly HostKeyView[]
  readonly quarantine?: Omit<Quarantine, 'publicKey'>
}

export function viewTarget(entry: TargetEntry, store: HostKeyStore): TargetView {
  const { name, address, port, labels, logins } = entry
  const quarantine = store.isQuarantined(name)
  return {
    name,
    address,
    port,
    labels,
    logins: logins.map(({ login }) => login),
    hostKeys: store.records(name).map(viewHostKey),
    ...(quarantine && viewQuarantine(quarantine)),
  }
}

export function viewHostKey(record: HostKeyRecord): HostKeyView {
  const { publicKey, ...rest } = record
  return {
    fingerprint: fingerprintOf(record),
    type: publicKey.type,
    ...rest,
    key: formatPublicKeyLine(publicKey.blob),
  }
}

function viewQuarantine({
  publicKey: _shown,
  ...rest
}: Quarantine): Pick<TargetView, 'quarantine'> {
  return { quarantine: rest }
}
