import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { fixedBuffer } from './scratch.ts'

/** Bytes under AES-256-GCM. */
export interface Sealed {
  readonly iv: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

export const ivLength = 12
export const tagLength = 16

/** Returns `bytes` sealed together with what they belong to. */
export function seal(key: KeyObject | Buffer, bytes: Uint8Array, context: Uint8Array): Sealed {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
  cipher.setAAD(context)
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()])
  return { iv, ciphertext, tag: cipher.getAuthTag() }
}

/**
 * Node's update() decrypts into memory of its own, copies that and frees it as it is. Of short pieces each
 * takes the place of the one before, so that no more than such a piece is left behind.
 */
const piece = 16

/**
 * Returns the sealed bytes, to be wiped by the caller, or undefined when key, context or any byte is
 * another than at sealing. GCM does not tell which. A tag shorter than 16 bytes never fits.
 */
export function unseal(
  key: KeyObject | Buffer,
  sealed: Sealed,
  context: Uint8Array,
): Buffer | undefined {
  if (sealed.tag.length !== tagLength || sealed.iv.length !== ivLength) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.iv, { authTagLength: tagLength })
  decipher.setAAD(context)
  decipher.setAuthTag(sealed.tag)
  const { ciphertext } = sealed
  const bytes = fixedBuffer(ciphertext.length)
  for (let at = 0; at < bytes.length; at += piece) {
    const part = decipher.update(ciphertext.subarray(at, at + piece))
    part.copy(bytes, at)
    part.fill(0)
  }
  try {
    // GCM is a stream: all bytes came with update(), final() only checks the tag.
    decipher.final()
    return bytes
  } catch {
    bytes.fill(0)
    return undefined
  }
}

/** Returns the text that binds a sealed thing to its place; each part counts. */
export function contextOf(...parts: readonly (string | number)[]): Buffer {
  return Buffer.from(JSON.stringify(['sallyport-vault/1', ...parts]))
}
