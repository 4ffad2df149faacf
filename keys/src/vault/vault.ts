import { generateKeyPairSync } from 'node:crypto'
import { acquireWriterLock } from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { fingerprint, parsePublicKeyLine } from '../publickey/index.ts'
import type { PublicKey, PublicKeyType } from '../publickey/index.ts'
import type { VaultRecord, VaultVersion } from './document.ts'
import { openVersion, sealVersion } from './envelope.ts'
import type { Kek, KekSource } from './kek.ts'
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
}

/** What is done with a new version: it becomes the active one unless `activate` is false. */
export interface NewVersionOptions {
  readonly comment?: string
  readonly activate?: boolean
}

export interface GenerateOptions extends NewVersionOptions {
  readonly type: 'ed25519'
}

/**
 * The private keys for the targets. It gives out signers and public keys, never a private key. Of each
 * id the last three versions are kept, and the active one however old it is.
 */
export interface Vault {
  /** Grows by one with each change; see `minimumGeneration`. */
  readonly generation: number
  generate(id: string, options: GenerateOptions): Promise<PublicKey>
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
    const { file, kek } = await openVaultFile(options)
    return createVault(file, kek, options.now, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

function createVault(file: VaultFile, kek: Kek, now: () => number, release: () => void): Vault {
  let closed = false

  function assertOpen(): void {
    if (closed) throw new KeysError('ERR_KEYS_VAULT_CLOSED', 'vault is closed')
  }

  async function add(
    id: string,
    given: ImportedKey,
    options: NewVersionOptions,
  ): Promise<PublicKey> {
    const comment = options.comment ?? given.comment
    const sealed = await file.change(async (records) => {
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
    async generate(id, options) {
      assertOpen()
      assertId(id)
      const { privateKey } = generateKeyPairSync(options.type)
      return add(id, { key: privateKey, comment: '' }, options)
    },
    async import(id, privateKeyText, importOptions = {}) {
      try {
        assertOpen()
        assertId(id)
        return await add(id, parsePrivateKey(privateKeyText), importOptions)
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
      return file.records.map((record) => entryOf(record, findVersion(record, record.active)))
    },
    versions(id) {
      const record = find(file.records, id)
      return record.versions.map((version) => entryOf(record, version))
    },
    async signer(id, version) {
      assertOpen()
      const record = find(file.records, id)
      const chosen = findVersion(record, version ?? record.active)
      const key = await openVersion(kek, id, chosen)
      return createSigner(parsePublicKeyLine(chosen.publicKeyLine), key)
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
  if (record !== undefined) return record
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
  }
}
