import { randomBytes } from 'node:crypto'
import { createReader, createWriter } from '../wire/index.ts'
import type { Kek, KekParameters } from './kek.ts'
import { createScratch } from './scratch.ts'
import { seal, unseal } from './seal.ts'
import type { Sealed } from './seal.ts'

/** A key that never leaves the engine it is in. Both calls throw what the methods of `Kek` throw. */
export interface KeyEngine {
  encrypt(bytes: Buffer, context: Uint8Array): Promise<Buffer>
  /**
   * Returns undefined when the engine finds that it did not encrypt this for this context. The caller
   * wipes the bytes.
   */
  decrypt(ciphertext: Buffer, context: Uint8Array): Promise<Buffer | undefined>
}

const coverLength = 32

/**
 * Returns a KEK that is in a key engine.
 *
 * What goes to the engine is a fresh cover key for each wrapping, and the cover key seals here what is
 * wrapped. So the context is bound by our own AES-GCM whatever the engine makes of it, the form of what
 * is stored does not depend on the engine, and no key of the vault travels.
 */
export function remoteKek(id: string, parameters: KekParameters, engine: KeyEngine): Kek {
  return {
    id,
    parameters,
    async wrap(key, context) {
      const scratch = createScratch()
      try {
        const cover = scratch.keep(randomBytes(coverLength))
        const sealed = seal(cover, key, context)
        const wrapped = await engine.encrypt(cover, context)
        const ciphertext = createWriter().string(wrapped).raw(sealed.ciphertext).bytes()
        return { ...sealed, ciphertext }
      } finally {
        scratch.wipe()
      }
    },
    async unwrap(sealed, context) {
      const parts = partsOf(sealed)
      if (parts === undefined) return undefined
      const cover = await engine.decrypt(parts.wrapped, context)
      try {
        if (cover?.length !== coverLength) return undefined
        return unseal(cover, { ...sealed, ciphertext: parts.ciphertext }, context)
      } finally {
        cover?.fill(0)
      }
    },
  }
}

function partsOf(sealed: Sealed): { wrapped: Buffer; ciphertext: Buffer } | undefined {
  const reader = createReader(sealed.ciphertext)
  try {
    return { wrapped: reader.string(), ciphertext: reader.rest() }
  } catch {
    // Another kind of KEK has sealed it, or bytes were altered.
    return undefined
  }
}
