import { createSecretKey, randomBytes, scrypt } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { localKek } from './kek.ts'
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

function saltIn(parameters: KekParameters): Buffer {
  const { kind, salt, N, r, p } = parameters
  if (kind !== 'passphrase') {
    throw new KeysError(
      'ERR_KEYS_KEK_WRONG',
      `the vault is sealed with a KEK of kind "${kind}", not with a passphrase`,
    )
  }
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
