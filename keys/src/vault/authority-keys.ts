import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { parsePublicKeyLine } from '../publickey/index.ts'
import type { VaultRecord, VaultVersion } from './document.ts'
import { openVersion, sealVersion } from './envelope.ts'
import { generatePrivateKey } from './generate-key.ts'
import { createSigner } from './signer.ts'
import type { Signer } from './signer.ts'
import type { VaultFile } from './vault-file.ts'

/** One key of an authority, by the name of the authority and the version of the key. */
export interface AuthorityKeyName {
  readonly name: string
  readonly version: number
}

export interface NewAuthorityKey extends AuthorityKeyName {
  /** A key that was made elsewhere; a new Ed25519 key unless told. */
  readonly key?: KeyObject
}

export interface SealedAuthorityKey extends AuthorityKeyName {
  readonly publicKeyLine: string
  /** What it is sealed with. */
  readonly kekId: string
}

/** The keys of authorities. A key is known by its name and version, to which its envelopes are bound. */
export interface AuthorityKeys {
  list(): readonly SealedAuthorityKey[]
  /** Seals keys, all in one write. Throws TypeError for one that there is already. */
  add(keys: readonly NewAuthorityKey[]): Promise<void>
  /** Throws `ERR_KEYS_VAULT_ABSENT` or `ERR_KEYS_VAULT_ALTERED`. The caller closes the signer. */
  signer(name: string, version: number): Promise<Signer>
  /** Forgets keys, all in one write, and none when there are none of these. */
  remove(keys: readonly AuthorityKeyName[]): Promise<void>
  /** Throws `ERR_KEYS_VAULT_ALTERED` unless all of them can be opened from what is on the disk now. */
  assertOnDisk(): Promise<void>
}

export interface AuthorityKeysOptions {
  readonly file: VaultFile
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly assertOpen: () => void
}

/** No id of a key for targets has a colon in it. */
const prefix = 'authority:'

export function isAuthorityRecord(id: string): boolean {
  return id.startsWith(prefix)
}

export function createAuthorityKeys(options: AuthorityKeysOptions): AuthorityKeys {
  const { file, now, assertOpen } = options
  return {
    list: () =>
      file.records.filter(({ id }) => isAuthorityRecord(id)).flatMap((record) => entriesOf(record)),
    async add(keys) {
      assertOpen()
      await file.change(async (records, kek) => {
        let changed = records
        for (const { name, version, key = await generatePrivateKey({}) } of keys) {
          const id = prefix + name
          const createdAt = new Date(now()).toISOString()
          const sealed = await sealVersion(kek, { id, version, key, comment: '', createdAt })
          changed = withVersion(changed, id, sealed)
        }
        return { records: changed, result: undefined }
      })
    },
    async signer(name, version) {
      assertOpen()
      const id = prefix + name
      const record = file.records.find((one) => one.id === id)
      const chosen = record?.versions.find((one) => one.version === version)
      if (chosen === undefined) {
        const message = `the vault has no version ${version} of the ${name} authority`
        throw new KeysError('ERR_KEYS_VAULT_ABSENT', message)
      }
      const key = await openVersion(file.kek, id, chosen)
      return createSigner(parsePublicKeyLine(chosen.publicKeyLine), key)
    },
    async remove(keys) {
      assertOpen()
      const isNamed = (id: string, version: number): boolean =>
        keys.some((key) => prefix + key.name === id && key.version === version)
      const any = file.records.some(({ id, versions }) =>
        versions.some(({ version }) => isNamed(id, version)),
      )
      if (!any) return
      await file.change(async (records) => {
        const left = records.map((record) => ({
          ...record,
          versions: record.versions.filter(({ version }) => !isNamed(record.id, version)),
        }))
        return { records: left.filter(({ versions }) => versions.length > 0), result: undefined }
      })
    },
    async assertOnDisk() {
      for (const { id, versions } of await file.readBack()) {
        if (!isAuthorityRecord(id)) continue
        for (const version of versions) await openVersion(file.kek, id, version)
      }
    },
  }
}

/** Which version signs is for the authority to know: `active` has no meaning here. */
function withVersion(
  records: readonly VaultRecord[],
  id: string,
  added: VaultVersion,
): readonly VaultRecord[] {
  const { version } = added
  const earlier = records.find((record) => record.id === id)
  if (earlier?.versions.some((one) => one.version === version) === true) {
    throw new TypeError(`version ${version} of ${id} is sealed already`)
  }
  const record = { id, active: version, versions: [...(earlier?.versions ?? []), added] }
  return [...records.filter((one) => one.id !== id), record]
}

function entriesOf({ id, versions }: VaultRecord): readonly SealedAuthorityKey[] {
  return versions.map(({ version, publicKeyLine, kekId }) => ({
    name: id.slice(prefix.length),
    version,
    publicKeyLine,
    kekId,
  }))
}
