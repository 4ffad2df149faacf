import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { isPublicKeyType, publicKeyFrom } from '../publickey/index.ts'
import { createReader } from '../wire/index.ts'
import { readPrivateFields } from './openssh-fields.ts'
import { createScratch } from './scratch.ts'
import { decodeBase64 } from './text.ts'

// OpenSSH PROTOCOL.key:
//   "openssh-key-v1" NUL, string cipher, string kdf, string kdf options, uint32 number of keys,
//   string public key, string private part = uint32 check, uint32 check, key fields, string comment,
//   padding 1 2 3 ...
const magic = 'openssh-key-v1\0'
const begin = '-----BEGIN OPENSSH PRIVATE KEY-----'
const end = '-----END OPENSSH PRIVATE KEY-----'

/**
 * Returns the key in a private key file of OpenSSH, whose public half is the one that the file shows.
 * Its bytes are kept out of strings and wiped. Throws `ERR_KEYS_PRIVATE_KEY_ENCRYPTED`,
 * `ERR_KEYS_PRIVATE_KEY` or a wire code.
 */
export function parseOpensshPrivateKey(text: Buffer): { key: KeyObject; comment: string } {
  const start = text.indexOf(begin)
  const stop = text.indexOf(end, start)
  if (stop === -1) throw malformed('the end of the private key is missing')
  const scratch = createScratch()
  try {
    const bytes = decodeBase64(text.subarray(start + begin.length, stop))
    if (bytes === undefined) throw malformed('private key is not base64')
    return readContainer(scratch.keep(bytes))
  } finally {
    scratch.wipe()
  }
}

function readContainer(bytes: Buffer): { key: KeyObject; comment: string } {
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic) {
    throw malformed('not an openssh-key-v1 container')
  }
  const reader = createReader(bytes.subarray(magic.length))
  const cipher = reader.text()
  const derivation = reader.text()
  reader.string()
  if (cipher !== 'none' || derivation !== 'none') {
    throw new KeysError(
      'ERR_KEYS_PRIVATE_KEY_ENCRYPTED',
      'private key is behind a passphrase: take it off a copy with ssh-keygen -p, then import that',
    )
  }
  const keys = reader.u32()
  if (keys !== 1) throw malformed(`the file holds ${keys} keys, one is expected`)
  const publicBlob = reader.string()
  const privatePart = reader.string()
  reader.end()
  return readPrivatePart(privatePart, publicBlob)
}

function readPrivatePart(bytes: Buffer, publicBlob: Buffer): { key: KeyObject; comment: string } {
  const reader = createReader(bytes)
  if (reader.u32() !== reader.u32()) throw malformed('private part is damaged: its checks differ')
  const type = reader.text()
  if (!isPublicKeyType(type))
    throw malformed(`private keys of type "${shorten(type)}" are not accepted`)
  const key = readPrivateFields(reader, type)
  const comment = reader.text()
  const padding = reader.rest()
  if (padding.length > 8 || padding.some((byte, index) => byte !== index + 1)) {
    throw malformed('private part does not end in its padding')
  }
  if (!publicKeyFrom(key).blob.equals(publicBlob)) {
    throw malformed('private key does not fit the public key beside it')
  }
  return { key, comment: comment.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '') }
}

function shorten(type: string): string {
  return type.slice(0, 64).replaceAll(/[^ -~]/g, '?')
}

function malformed(message: string): KeysError {
  return new KeysError('ERR_KEYS_PRIVATE_KEY', message)
}
