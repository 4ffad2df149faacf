import { fingerprint, formatPublicKeyLine, parsePublicKeyLine } from '../publickey/index.ts'
import { listOf, membersOf, oneOf, optionalText, textOf, timeOf } from './members.ts'
import { hostKeyKinds, hostKeySources, hostKeyStates } from './record.ts'
import type { HostKeyRecord, Quarantine, TargetHostKeys } from './record.ts'

/** The store as its file holds it. */
export interface HostKeysDocument {
  readonly format: 'sallyport-hostkeys/1'
  readonly targets: readonly unknown[]
}

/** Returns the document that says all that is known of each target. */
export function writeHostKeys(targets: ReadonlyMap<string, TargetHostKeys>): HostKeysDocument {
  return {
    format: 'sallyport-hostkeys/1',
    targets: [...targets].map(([name, { records, quarantine }]) => ({
      name,
      keys: records.map(({ publicKey, ...rest }) => ({
        fingerprint: fingerprint(publicKey.blob),
        ...rest,
        key: formatPublicKeyLine(publicKey.blob),
      })),
      ...(quarantine === undefined ? {} : { quarantine: writeQuarantine(quarantine) }),
    })),
  }
}

/**
 * Returns what a document says. Throws an Error that names the place of the first fault: what is not understood could
 * be a revocation or a quarantine.
 */
export function readHostKeys(value: unknown): Map<string, TargetHostKeys> {
  const top = membersOf(value, 'the file', ['format', 'targets'])
  if (top['format'] !== 'sallyport-hostkeys/1') throw new Error('is no list of host keys')
  const targets = new Map<string, TargetHostKeys>()
  for (const [index, each] of listOf(top['targets'], 'targets').entries()) {
    const path = `targets.${index}`
    const target = membersOf(each, path, ['name', 'keys', 'quarantine'])
    const name = textOf(target['name'], `${path}.name`)
    if (targets.has(name)) throw new Error(`has two targets named "${name}"`)
    const keys = listOf(target['keys'], `${path}.keys`)
    const records = keys.map((key, at) => recordIn(key, `${path}.keys.${at}`))
    const quarantine = quarantineIn(target['quarantine'], `${path}.quarantine`)
    targets.set(name, { records, ...(quarantine && { quarantine }) })
  }
  return targets
}

const recordNames = ['fingerprint', 'kind', 'state', 'source', 'by', 'reason', 'at', 'key']
const seenNames = ['firstSeen', 'lastSeen']

function recordIn(value: unknown, path: string): HostKeyRecord {
  const record = membersOf(value, path, [...recordNames, ...seenNames])
  const publicKey = parsePublicKeyLine(textOf(record['key'], `${path}.key`))
  // It is there for people; one that names another key would have them look at the wrong thing.
  if (record['fingerprint'] !== fingerprint(publicKey.blob)) {
    throw new Error(`has a fingerprint of another key at ${path}`)
  }
  return {
    kind: oneOf(hostKeyKinds, record['kind'], `${path}.kind`),
    state: oneOf(hostKeyStates, record['state'], `${path}.state`),
    publicKey,
    source: oneOf(hostKeySources, record['source'], `${path}.source`),
    by: textOf(record['by'], `${path}.by`),
    ...optionalText(record, 'reason', path),
    ...optionalTime(record, 'at', path),
    ...optionalTime(record, 'firstSeen', path),
    ...optionalTime(record, 'lastSeen', path),
  }
}

function writeQuarantine({ publicKey, ...rest }: Quarantine): unknown {
  return { ...rest, ...(publicKey && { key: formatPublicKeyLine(publicKey.blob) }) }
}

function quarantineIn(value: unknown, path: string): Quarantine | undefined {
  if (value === undefined) return undefined
  const quarantine = membersOf(value, path, ['since', 'expected', 'offered', 'key'])
  const key = quarantine['key']
  return {
    since: timeOf(quarantine['since'], `${path}.since`),
    expected: listOf(quarantine['expected'], `${path}.expected`).map((each, index) =>
      textOf(each, `${path}.expected.${index}`),
    ),
    offered: textOf(quarantine['offered'], `${path}.offered`),
    ...(key === undefined ? {} : { publicKey: parsePublicKeyLine(textOf(key, `${path}.key`)) }),
  }
}

function optionalTime<Name extends string>(
  members: Readonly<Record<string, unknown>>,
  name: Name,
  path: string,
): { readonly [name in Name]?: string } {
  if (members[name] !== undefined) timeOf(members[name], `${path}.${name}`)
  return optionalText(members, name, path)
}
