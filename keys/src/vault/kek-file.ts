import { createSecretKey, randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readPrivateFile, syncFolder } from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { assertKind, localKek } from './kek.ts'
import type { Kek, KekSource } from './kek.ts'
import { decodeBase64, decodeHex } from './text.ts'

const keyLength = 32

/**
 * Returns the KEK in a file of 32 bytes, raw, in hex or in base64, which only we can read (0400 or
 * 0600). `open` throws `ERR_KEYS_KEK_FILE` or `ERR_KEYS_FILE_MODE`.
 */
export function kekFromFile(path: string): KekSource {
  return {
    async open(parameters) {
      assertKind(parameters, 'file', 'a file')
      const bytes = await readPrivateFile(path)
      if (bytes === undefined) throw new KeysError('ERR_KEYS_KEK_FILE', `no KEK file at ${path}`)
      return kekOf(bytes, path)
    },
  }
}

/** Takes over and wipes the content of a KEK file. Throws `ERR_KEYS_KEK_FILE`, naming the path. */
export function kekOf(bytes: Buffer, path: string): Kek {
  const key = keyIn(bytes)
  try {
    if (key === undefined) {
      throw new KeysError('ERR_KEYS_KEK_FILE', `${path} is not 32 bytes, raw, hex or base64`)
    }
    return localKek(createSecretKey(key), { kind: 'file' })
  } finally {
    bytes.fill(0)
    key?.fill(0)
  }
}

/** Creates a file with a new random KEK, mode 0400. Throws `ERR_KEYS_KEK_FILE` when one is there. */
export async function createKekFile(path: string): Promise<void> {
  const key = randomBytes(keyLength)
  try {
    const handle = await open(path, 'wx', 0o400)
    try {
      await handle.writeFile(key)
      await handle.chmod(0o400)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await syncFolder(dirname(path))
  } catch (cause) {
    throw new KeysError('ERR_KEYS_KEK_FILE', `cannot create the KEK file ${path}`, { cause })
  } finally {
    key.fill(0)
  }
}

/** Raw is tried first: 32 bytes have no other reading, since the text of a key is longer. */
function keyIn(bytes: Buffer): Buffer | undefined {
  if (bytes.length === keyLength) return Buffer.from(bytes)
  if (bytes.length > 128) return undefined
  const key = decodeHex(bytes) ?? decodeBase64(bytes)
  if (key?.length === keyLength) return key
  key?.fill(0)
  return undefined
}
