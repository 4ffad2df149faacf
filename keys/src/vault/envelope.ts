import { createPrivateKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { formatPublicKeyLine, parsePublicKeyLine, publicKeyFrom } from '../publickey/index.ts'
import { fromText, toText } from './document.ts'
import type { VaultVersion } from './document.ts'
import type { Kek } from './kek.ts'
import { createScratch } from './scratch.ts'
import { contextOf, seal, unseal } from './seal.ts'

export interface KeyToSeal {
  readonly id: string
  readonly version: number
  readonly key: KeyObject
  readonly comment: string
  readonly createdAt: string
}

/**
 * Returns the version with its private key in two envelopes: the key under a data key of its own, the
 * data key under the KEK. Both are bound to id and version, the outer one to the KEK as well, so that
 * another KEK needs only new outer envelopes.
 */
export async function sealVersion(kek: Kek, given: KeyToSeal): Promise<VaultVersion> {
  const { id, version, key, comment, createdAt } = given
  const scratch = createScratch()
  try {
    const dataKey = scratch.keep(randomBytes(32))
    const bytes = scratch.keep(key.export({ format: 'der', type: 'pkcs8' }))
    const body = seal(dataKey, bytes, contextOf('body', id, version))
    const wrapped = await kek.wrap(dataKey, contextOf('key', id, version, kek.id))
    return {
      version,
      kekId: kek.id,
      createdAt,
      publicKeyLine: formatPublicKeyLine(publicKeyFrom(key).blob, comment),
      wrappedKey: toText(wrapped),
      body: toText(body),
    }
  } finally {
    scratch.wipe()
  }
}

/**
 * Returns the private key of a version, which is the one of its public key. Throws
 * `ERR_KEYS_VAULT_ALTERED`, which says which envelope does not open.
 */
export async function openVersion(kek: Kek, id: string, version: VaultVersion): Promise<KeyObject> {
  const what = `"${id}" version ${version.version}`
  const scratch = createScratch()
  try {
    const dataKey = scratch.keep(await openDataKey(kek, id, version))
    const bytes = unseal(dataKey, fromText(version.body), contextOf('body', id, version.version))
    if (bytes === undefined) throw altered(`the private key stored for ${what} was altered`)
    scratch.keep(bytes)
    const key = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
    const expected = parsePublicKeyLine(version.publicKeyLine).blob
    if (!publicKeyFrom(key).blob.equals(expected)) {
      throw altered(`the public key stored for ${what} belongs to another private key`)
    }
    return key
  } finally {
    scratch.wipe()
  }
}

/** Returns the version with its data key under another KEK; the envelope of the private key stays as it is. */
export async function rewrapVersion(
  from: Kek,
  to: Kek,
  id: string,
  version: VaultVersion,
): Promise<VaultVersion> {
  const dataKey = await openDataKey(from, id, version)
  try {
    const wrapped = await to.wrap(dataKey, contextOf('key', id, version.version, to.id))
    return { ...version, kekId: to.id, wrappedKey: toText(wrapped) }
  } finally {
    dataKey.fill(0)
  }
}

async function openDataKey(kek: Kek, id: string, version: VaultVersion): Promise<Buffer> {
  const context = contextOf('key', id, version.version, version.kekId)
  const dataKey = await kek.unwrap(fromText(version.wrappedKey), context)
  if (dataKey !== undefined) return dataKey
  throw altered(`the data key stored for "${id}" version ${version.version} was not sealed for it`)
}

export function altered(message: string): KeysError {
  return new KeysError('ERR_KEYS_VAULT_ALTERED', message)
}
