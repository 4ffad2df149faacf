import { acquireWriterLock } from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { fingerprint, parsePublicKeyLine } from '../publickey/index.ts'
import type { PublicKey, PublicKeyType } from '../publickey/index.ts'
import { createAuthorityKeys, isAuthorityRecord } from './authority-keys.ts'
import type { AuthorityKeys } from './authority-keys.ts'
import type { VaultRecord, VaultVersion } from './document.ts'
import { openVersion, sealVersion } from './envelope.ts'
import { checkExport, exportKey } from './export.ts'
import type { ExportedKey, ExportRequest } from './export.ts'
import type { KekSource } from './kek.ts'
import { generatePrivateKey } from './generate-key.ts'
import type { KeyKind } from './generate-key.ts'
import { parsePrivateKey } from './private-key.ts'
import type { ImportedKey } from './private-key.ts'
import { createSigner } from './signer.ts'
import type { Signer } from './signer.ts'
import { openVaultFile } from './vault-file.ts'
import type { VaultFile } from './vault-file.ts'

export interface VaultOptions {
  readonly file: string
  readonly kek: KekSource
  /** Milliseconds since 1970. */
  readonly now: () => number
  /**
   * The generation that was last seen, kept elsewhere: an older file, however genuine, is refused with
   * `ERR_KEYS_VAULT_ROLLBACK`.
   */
  readonly minimumGeneration?: number
  /**
   * The generation of a file that is known to be old, or was put there without what is kept beside it, and
   * is taken all the same. It is then made newer than all that was seen.
   */
  readonly acceptGeneration?: number
}

/** One version of a key, as anyone may see it. */
export interface VaultEntry {
  readonly id: string
  readonly version: number
  readonly active: boolean
  readonly fingerprint: string
  readonly type: PublicKeyType
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly publicKeyLine: string
  /** What it is sealed with. */
  readonly kekId: string
  /** When it was given out by `export`, ISO 8601, UTC: another key is due in its place. */
  readonly dueSince?: string
}

/** What is done with a new version: it becomes the active one unless `activate` is false. */
export interface NewVersionOptions {
  readonly comment?: string
  readonly activate?: boolean
}

export type GenerateOptions = NewVersionOptions & KeyKind

/**
 * The private keys for the targets. It gives out signers and public keys, and a private key only in
 * `export`, sealed for others. Of each id the last three versions are kept, and the active one however
 * old it is.
 */
export interface Vault {
  /** Grows with each change; see `minimumGeneration`. */
  readonly generation: number
  /** What the vault is sealed with, as its file names it. */
  readonly kekId: string
  /** The keys that sign certificates; they are in no list of keys for targets, and are given out to nobody. */
  readonly authorityKeys: AuthorityKeys
  generate(id: string, options?: GenerateOptions): Promise<PublicKey>
  /** Takes `privateKeyText` over and zeroes it. Throws what `parsePrivateKey` throws. */
  import(id: string, privateKeyText: Buffer, options?: NewVersionOptions): Promise<PublicKey>
  /** Makes a kept version the active one. */
  activate(id: string, version: number): Promise<void>
  /** Returns the active version of each key. */
  list(): readonly VaultEntry[]
  /** Returns all kept versions of one key, oldest first. */
  versions(id: string): readonly VaultEntry[]
  /**
   * Returns a signer for the active version, or for another kept one. Its envelope is opened by this
   * call. Throws `ERR_KEYS_VAULT_ABSENT` or `ERR_KEYS_VAULT_ALTERED`. The caller closes it.
   */
  signer(id: string, version?: number): Promise<Signer>
  /**
   * Seals every key with another KEK, in one change: a vault that cannot be written, or a machine that
   * stops, leaves it sealed with the old one. The private keys in their envelopes stay as they are. Throws
   * `ERR_KEYS_KEK_WRONG` for a KEK that does not open what it wraps.
   */
  rewrap(kek: KekSource): Promise<void>
  /**
   * Returns a private key, sealed for `recipients`, after writing down that another is due in its place.
   * Throws `ERR_KEYS_VAULT_EXPORT` unless two persons approved and each recipient can be sealed for.
   */
  export(id: string, request: ExportRequest): Promise<ExportedKey>
  /** Releases the file once running changes are written. Signers that are out stay usable. */
  close(): Promise<void>
}

const keptVersions = 3

/**
 * Returns the vault in `file`, which is created with its first change. The caller closes it.
 *
 * Throws `ERR_KEYS_FILE_LOCKED` while another process has it, `ERR_KEYS_FILE_CORRUPT` or
 * `ERR_KEYS_FILE_MODE` for a file that is not ours as we left it, `ERR_KEYS_KEK_WRONG`,
 * `ERR_KEYS_VAULT_ALTERED` and `ERR_KEYS_VAULT_ROLLBACK`.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const lock = acquireWriterLock(options.file, { now: options.now })
  try {
    const file = await openVaultFile(options)
    return createVault(file, options.now, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

function createVault(file: VaultFile, now: () => number, release: () => void): Vault {
  let closed = false

  function assertOpen(): void {
    if (closed) throw new KeysError('ERR_KEYS_VAULT_CLOSED', 'vault is closed')
  }

  async function add(
    id: string,
    make: () => Promise<ImportedKey>,
    options: NewVersionOptions,
  ): Promise<PublicKey> {
    const sealed = await file.change(async (records, kek) => {
      const given = await make()
      const comment = options.comment ?? given.comment
      const earlier = records.find((record) => record.id === id)
      const version = (earlier?.versions.at(-1)?.version ?? 0) + 1
      const createdAt = new Date(now()).toISOString()
      const added = await sealVersion(kek, { id, version, key: given.key, comment, createdAt })
      const keepsActive = options.activate === false && earlier !== undefined
      const active = keepsActive ? earlier.active : version
      const versions = pruned([...(earlier?.versions ?? []), added], active)
      return { records: replaced(records, { id, active, versions }), result: added }
    })
    return parsePublicKeyLine(sealed.publicKeyLine)
  }

  return {
    get generation() {
      return file.generation
    },
    get kekId() {
      return file.kek.id
    },
    authorityKeys: createAuthorityKeys({ file, now, assertOpen }),
    async generate(id, options = {}) {
      assertOpen()
      assertId(id)
      return add(id, async () => ({ key: await generatePrivateKey(options), comment: '' }), options)
    },
    async import(id, privateKeyText, importOptions = {}) {
      try {
        assertOpen()
        assertId(id)
        const given = parsePrivateKey(privateKeyText)
        return await add(id, async () => given, importOptions)
      } finally {
        privateKeyText.fill(0)
      }
    },
    async activate(id, version) {
      assertOpen()
      await file.change(async (records) => {
        const record = find(records, id)
        findVersion(record, version)
        return { records: replaced(records, { ...record, active: version }), result: undefined }
      })
    },
    list() {
      return file.records
        .filter(({ id }) => !isAuthorityRecord(id))
        .map((record) => entryOf(record, findVersion(record, record.active)))
    },
    versions(id) {
      const record = find(file.records, id)
      return record.versions.map((version) => entryOf(record, version))
    },
    async signer(id, version) {
      assertOpen()
      const record = find(file.records, id)
      const chosen = findVersion(record, version ?? record.active)
      const key = await openVersion(file.kek, id, chosen)
      return createSigner(parsePublicKeyLine(chosen.publicKeyLine), key)
    },
    async rewrap(source) {
      assertOpen()
      await file.rewrap(source)
    },
    async export(id, request) {
      const checked = await checkExport(request)
      assertOpen()
      const { key, record, version } = await file.change(async (records, kek) => {
        const found = find(records, id)
        const chosen = findVersion(found, request.version ?? found.active)
        const opened = await openVersion(kek, id, chosen)
        const due = { ...chosen, dueSince: chosen.dueSince ?? new Date(now()).toISOString() }
        const versions = found.versions.map((one) => (one === chosen ? due : one))
        const marked = { ...found, versions }
        const result = { key: opened, record: marked, version: due }
        return { records: replaced(records, marked), result }
      })
      const sealed = await exportKey(key, version.publicKeyLine, checked)
      return { ...sealed, entry: entryOf(record, version) }
    },
    async close() {
      closed = true
      await file.settled()
      release()
    },
  }
}

const idShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

function assertId(id: string): void {
  if (!idShape.test(id))
    throw new TypeError('"id" must be 1 to 64 letters, digits, ".", "_" or "-"')
}

function find(records: readonly VaultRecord[], id: string): VaultRecord {
  const record = records.find((one) => one.id === id)
  if (record !== undefined && !isAuthorityRecord(id)) return record
  throw new KeysError('ERR_KEYS_VAULT_ABSENT', `the vault has no key "${id}"`)
}

function findVersion(record: VaultRecord, version: number): VaultVersion {
  const found = record.versions.find((one) => one.version === version)
  if (found !== undefined) return found
  throw new KeysError(
    'ERR_KEYS_VAULT_ABSENT',
    `the vault has no version ${version} of "${record.id}"`,
  )
}

function replaced(records: readonly VaultRecord[], record: VaultRecord): readonly VaultRecord[] {
  return [...records.filter((one) => one.id !== record.id), record]
}

function pruned(versions: readonly VaultVersion[], active: number): readonly VaultVersion[] {
  const recent = versions.slice(-keptVersions)
  return versions.filter((one) => one.version === active || recent.includes(one))
}

function entryOf(record: VaultRecord, version: VaultVersion): VaultEntry {
  const publicKey = parsePublicKeyLine(version.publicKeyLine)
  return {
    id: record.id,
    version: version.version,
    active: version.version === record.active,
    fingerprint: fingerprint(publicKey.blob),
    type: publicKey.type,
    createdAt: version.createdAt,
    publicKeyLine: version.publicKeyLine,
    kekId: version.kekId,
    ...(version.dueSince === undefined ? {} : { dueSince: version.dueSince }),
  }
}
