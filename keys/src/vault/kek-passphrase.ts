import { createSecretKey, randomBytes, scrypt } from 'node:crypto'
import { readPrivateFile } from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { assertKind, localKek } from './kek.ts'
import type { KekParameters, KekSource } from './kek.ts'

// RFC 7914; 128 MiB and about a second. A vault that asks for other numbers was not written by us.
const cost = { N: 2 ** 17, r: 8, p: 1 }
const maxmem = 256 * 1024 * 1024

/**
 * Returns the KEK derived from a passphrase by scrypt, with a salt that the vault keeps. The buffer is
 * taken over: the first `open` zeroes it, and later ones throw TypeError.
 */
export function kekFromPassphrase(passphrase: Buffer): KekSource {
  let used = false
  return {
    async open(parameters) {
      if (used) throw new TypeError('this passphrase has been used and wiped')
      used = true
      try {
        if (passphrase.length === 0)
          throw new KeysError('ERR_KEYS_KEK_WRONG', 'passphrase is empty')
        const salt = parameters === undefined ? randomBytes(16) : saltIn(parameters)
        const key = await derive(passphrase, salt)
        try {
          const kept = { kind: 'passphrase', salt: salt.toString('base64'), ...cost }
          return localKek(createSecretKey(key), kept)
        } finally {
          key.fill(0)
        }
      } finally {
        passphrase.fill(0)
      }
    },
  }
}

/**
 * Returns the KEK derived from the first line of a file that only we can read. For demonstrations: a file
 * may as well hold 32 random bytes, see `kekFromFile`.
 */
export function kekFromPassphraseFile(path: string): KekSource {
  return {
    async open(parameters) {
      const bytes = await readPrivateFile(path)
      if (bytes === undefined) throw new KeysError('ERR_KEYS_KEK_FILE', `no passphrase at ${path}`)
      try {
        const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d)
        const line = end === -1 ? bytes : bytes.subarray(0, end)
        return await kekFromPassphrase(line).open(parameters)
      } finally {
        bytes.fill(0)
      }
    },
  }
}

function saltIn(parameters: KekParameters): Buffer {
  assertKind(parameters, 'passphrase', 'a passphrase')
  const { salt, N, r, p } = parameters
  const bytes = Buffer.from(typeof salt === 'string' ? salt : '', 'base64')
  if (bytes.length !== 16 || N !== cost.N || r !== cost.r || p !== cost.p) {
    throw new KeysError('ERR_KEYS_KEK_WRONG', 'the scrypt parameters of the vault are not ours')
  }
  return bytes
}

async function derive(passphrase: Buffer, salt: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(passphrase, salt, 32, { ...cost, maxmem }, (error, key) => {
    if (error === null) resolve(key)
    else reject(error)
  })
  return promise
}
