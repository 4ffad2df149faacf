import { ivLength, tagLength } from './seal.ts'
import type { Sealed } from './seal.ts'

/** One version of a private key, sealed. Everything but the two envelopes is public. */
export interface VaultVersion {
  readonly version: number
  readonly kekId: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly publicKeyLine: string
  /** The data key of this version, under the KEK. */
  readonly wrappedKey: SealedText
  /** The private key as PKCS #8 DER, under the data key. */
  readonly body: SealedText
  /** When it was given out, ISO 8601, UTC: another key is due in its place. */
  readonly dueSince?: string
}

export interface VaultRecord {
  readonly id: string
  /** The version in use. */
  readonly active: number
  readonly versions: readonly VaultVersion[]
}

/**
 * What we write. It differs from `sallyport-vault/1`, which we read, in two ways: versions may have
 * `dueSince`, and the generation is kept beside the file.
 */
export const vaultFormat = 'sallyport-vault/2'

/** The vault as its file holds it. */
export interface VaultDocument {
  readonly format: 'sallyport-vault/1' | typeof vaultFormat
  /** Grows by one with each write. */
  readonly generation: number
  readonly kek: {
    readonly id: string
    readonly parameters: Readonly<Record<string, string | number>>
  }
  /** A key of the vault's own, under the KEK, that authenticates this document as a whole. */
  readonly sealKey: SealedText
  /** HMAC-SHA-256 over all other members, base64. */
  readonly mac: string
  readonly records: readonly VaultRecord[]
}

/** A Sealed in base64. */
export interface SealedText {
  readonly iv: string
  readonly ciphertext: string
  readonly tag: string
}

export function toText(sealed: Sealed): SealedText {
  const { iv, ciphertext, tag } = sealed
  return {
    iv: iv.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
    tag: tag.toString('base64'),
  }
}

export function fromText(text: SealedText): Sealed {
  return {
    iv: Buffer.from(text.iv, 'base64'),
    ciphertext: Buffer.from(text.ciphertext, 'base64'),
    tag: Buffer.from(text.tag, 'base64'),
  }
}

/**
 * Returns a document whose shape has been checked and nothing else. Throws an Error that names the
 * place of the first fault; members that we do not know are faults.
 */
export function parseVaultDocument(value: unknown): VaultDocument {
  const top = membersOf(value, 'vault', [
    'format',
    'generation',
    'kek',
    'sealKey',
    'mac',
    'records',
  ])
  const kek = membersOf(top['kek'], 'kek', ['id', 'parameters'])
  return {
    format: formatIn(top['format']),
    generation: count(top['generation'], 'generation'),
    kek: { id: text(kek['id'], 'kek.id'), parameters: parametersIn(kek['parameters']) },
    sealKey: sealedIn(top['sealKey'], 'sealKey'),
    mac: text(top['mac'], 'mac'),
    records: list(top['records'], 'records').map((record, index) =>
      recordIn(record, `records.${index}`),
    ),
  }
}

function formatIn(value: unknown): VaultDocument['format'] {
  if (value === 'sallyport-vault/1' || value === vaultFormat) return value
  throw new Error('is not a vault of format 1 or 2')
}

function recordIn(value: unknown, path: string): VaultRecord {
  const record = membersOf(value, path, ['id', 'active', 'versions'])
  return {
    id: text(record['id'], `${path}.id`),
    active: count(record['active'], `${path}.active`),
    versions: list(record['versions'], `${path}.versions`).map((version, index) =>
      versionIn(version, `${path}.versions.${index}`),
    ),
  }
}

function versionIn(value: unknown, path: string): VaultVersion {
  const names = ['version', 'kekId', 'createdAt', 'publicKeyLine', 'wrappedKey', 'body', 'dueSince']
  const version = membersOf(value, path, names)
  const { dueSince } = version
  // The seal covers the members in the order in which they stand here, and in which they are made.
  return {
    version: count(version['version'], `${path}.version`),
    kekId: text(version['kekId'], `${path}.kekId`),
    createdAt: text(version['createdAt'], `${path}.createdAt`),
    publicKeyLine: text(version['publicKeyLine'], `${path}.publicKeyLine`),
    wrappedKey: sealedIn(version['wrappedKey'], `${path}.wrappedKey`),
    body: sealedIn(version['body'], `${path}.body`),
    ...(dueSince === undefined ? {} : { dueSince: text(dueSince, `${path}.dueSince`) }),
  }
}

function sealedIn(value: unknown, path: string): SealedText {
  const sealed = membersOf(value, path, ['iv', 'ciphertext', 'tag'])
  return {
    iv: base64(sealed['iv'], `${path}.iv`, ivLength),
    ciphertext: base64(sealed['ciphertext'], `${path}.ciphertext`),
    tag: base64(sealed['tag'], `${path}.tag`, tagLength),
  }
}

function parametersIn(value: unknown): Readonly<Record<string, string | number>> {
  if (!isRecord(value)) throw new Error('has no object at kek.parameters')
  const entries = Object.entries(value).map(([name, parameter]): [string, string | number] => {
    if (typeof parameter === 'string' || typeof parameter === 'number') return [name, parameter]
    throw new Error(`has no string or number at kek.parameters.${name}`)
  })
  return Object.fromEntries(entries)
}

type Members = Readonly<Record<string, unknown>>

function membersOf(value: unknown, path: string, names: readonly string[]): Members {
  if (!isRecord(value)) throw new Error(`has no object at ${path}`)
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`has an unknown member "${unknown}" at ${path}`)
  return value
}

function text(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  throw new Error(`has no string at ${path}`)
}

function count(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`has no whole number above 0 at ${path}`)
}

function list(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`has no list at ${path}`)
}

function base64(value: unknown, path: string, length?: number): string {
  const encoded = text(value, path)
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) throw new Error(`has no exact base64 at ${path}`)
  if (length !== undefined && bytes.length !== length) {
    throw new Error(`has ${bytes.length} bytes at ${path}, not ${length}`)
  }
  return encoded
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
