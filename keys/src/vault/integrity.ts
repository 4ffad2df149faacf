import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { fromText, toText } from './document.ts'
import type { SealedText, VaultDocument, VaultVersion } from './document.ts'
import { altered, openVersion } from './envelope.ts'
import type { Kek } from './kek.ts'
import { contextOf } from './seal.ts'

/**
 * The envelopes protect each private key; this protects what lies between them: which version is
 * active, which public key is shown, that no record was taken out, and the generation.
 */
export interface SealKey {
  readonly key: KeyObject
  readonly wrapped: SealedText
}

/**
 * Throws `ERR_KEYS_KEK_WRONG` for a KEK that does not open what it wraps. One that lives elsewhere may let
 * us do the one and not the other, which must show before anything depends on it.
 */
export async function createSealKey(kek: Kek): Promise<SealKey> {
  const bytes = randomBytes(32)
  let back: Buffer | undefined
  try {
    const context = contextOf('seal', kek.id)
    const wrapped = await kek.wrap(bytes, context)
    back = await kek.unwrap(wrapped, context)
    if (back === undefined || !timingSafeEqual(bytes, back)) {
      throw new KeysError('ERR_KEYS_KEK_WRONG', `KEK ${kek.id} does not open what it has wrapped`)
    }
    return { key: createSecretKey(bytes), wrapped: toText(wrapped) }
  } finally {
    bytes.fill(0)
    back?.fill(0)
  }
}

/** Throws `ERR_KEYS_KEK_WRONG` when the KEK is not the one of this vault. */
export async function openSealKey(kek: Kek, document: VaultDocument): Promise<SealKey> {
  if (document.kek.id !== kek.id) {
    throw new KeysError(
      'ERR_KEYS_KEK_WRONG',
      `the vault is sealed with KEK ${document.kek.id}, the given one is ${kek.id}`,
    )
  }
  const bytes = await kek.unwrap(fromText(document.sealKey), contextOf('seal', kek.id))
  if (bytes === undefined) {
    throw new KeysError('ERR_KEYS_KEK_WRONG', `KEK ${kek.id} does not open the seal of this vault`)
  }
  try {
    return { key: createSecretKey(bytes), wrapped: document.sealKey }
  } finally {
    bytes.fill(0)
  }
}

export function macOf(sealKey: SealKey, document: Omit<VaultDocument, 'mac'>): string {
  // An explicit order of members: the text must not depend on how the object came about.
  const { format, generation, kek, sealKey: wrapped, records } = document
  const parameters = Object.entries(kek.parameters)
  const covered = [format, generation, kek.id, parameters, wrapped, records]
  return createHmac('sha256', sealKey.key).update(JSON.stringify(covered)).digest('base64')
}

/** Throws `ERR_KEYS_VAULT_ALTERED`, naming the private key that was tampered with where one was. */
export async function assertUnaltered(
  kek: Kek,
  sealKey: SealKey,
  document: VaultDocument,
): Promise<void> {
  const expected = Buffer.from(macOf(sealKey, document))
  const found = Buffer.from(document.mac)
  if (expected.length === found.length && timingSafeEqual(expected, found)) return
  for (const record of document.records) {
    for (const version of record.versions) {
      const place = await placeOf(kek, document, version)
      if (place !== undefined && place !== describe(record.id, version.version)) {
        throw altered(`${describe(record.id, version.version)} holds what was sealed as ${place}`)
      }
      await openVersion(kek, record.id, version)
    }
  }
  throw altered(
    'the vault was changed by another program: its private keys open, but its seal does not fit',
  )
}

/** Returns which of the places in the document an envelope was sealed for, to tell what was done. */
async function placeOf(
  kek: Kek,
  document: VaultDocument,
  version: VaultVersion,
): Promise<string | undefined> {
  for (const { id, versions } of document.records) {
    const newest = Math.max(...versions.map((one) => one.version))
    for (const number of [...versions.map((one) => one.version), newest + 1, newest - 1]) {
      const context = contextOf('key', id, number, version.kekId)
      const dataKey = await kek.unwrap(fromText(version.wrappedKey), context)
      dataKey?.fill(0)
      if (dataKey !== undefined) return describe(id, number)
    }
  }
  return undefined
}

function describe(id: string, version: number): string {
  return `"${id}" version ${version}`
}
