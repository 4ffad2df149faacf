import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type * as Age from 'age-encryption'
import { KeysError } from '../errors.ts'
import { createScratch } from './scratch.ts'

// age-encryption.org/v1: header, its last line "--- MAC"; then 16 bytes of nonce and chunks of 64 KiB.
const nonceLength = 16
const chunkLength = 64 * 1024
const macLine = Buffer.from('\n--- ')

/** Those who are to open a file. */
export interface AgeRecipients {
  /** Returns an armored age file of `bytes`, at most 64 KiB, which stay the caller's to wipe. */
  encrypt(bytes: Buffer): Promise<string>
}

/** Rejects with `ERR_KEYS_VAULT_EXPORT` for what is no recipient. */
export async function ageRecipients(recipients: readonly string[]): Promise<AgeRecipients> {
  // Loaded here alone: few processes ever give a key out, and age brings much with it.
  const age = await import('age-encryption')
  // Asked for once now, so that a misspelt one shows before anything is done.
  encrypterFor(age, recipients)
  return {
    async encrypt(bytes) {
      if (bytes.length > chunkLength) throw new RangeError('more than one chunk')
      return sealOneChunk(age, encrypterFor(age, recipients), bytes)
    },
  }
}

function encrypterFor(age: typeof Age, recipients: readonly string[]): Age.Encrypter {
  const encrypter = new age.Encrypter()
  for (const [index, recipient] of recipients.entries()) {
    try {
      encrypter.addRecipient(recipient)
    } catch {
      // What it is instead is not repeated: it may be the secret half.
      const which = `recipient ${index + 1}`
      throw new KeysError('ERR_KEYS_VAULT_EXPORT', `${which} is no recipient of age (age1…)`)
    }
  }
  return encrypter
}

/**
 * The library makes the header, over the file key that it makes. The chunk is sealed here, since its own
 * way to seal leaves a copy of what it seals in memory.
 */
async function sealOneChunk(
  age: typeof Age,
  encrypter: Age.Encrypter,
  bytes: Buffer,
): Promise<string> {
  const scratch = createScratch()
  try {
    const held: Buffer[] = []
    encrypter.addRecipient({
      wrapFileKey(key) {
        held.push(scratch.keep(Buffer.from(key.buffer, key.byteOffset, key.length)))
        return []
      },
    })
    const empty = Buffer.from(await encrypter.encrypt(new Uint8Array(0)))
    const [fileKey] = held
    if (fileKey === undefined) throw new Error('age made no file key')
    const header = empty.subarray(0, empty.indexOf('\n', empty.indexOf(macLine) + 1) + 1)
    const nonce = randomBytes(nonceLength)
    const payloadKey = scratch.keep(Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)))
    // The counter of the chunk, and a last byte that says that it is the last one.
    const counter = Buffer.alloc(12)
    counter[11] = 1
    const cipher = createCipheriv('chacha20-poly1305', payloadKey, counter, { authTagLength: 16 })
    const sealed = [cipher.update(bytes), cipher.final(), cipher.getAuthTag()]
    return age.armor.encode(Buffer.concat([header, nonce, ...sealed]))
  } finally {
    scratch.wipe()
  }
}
