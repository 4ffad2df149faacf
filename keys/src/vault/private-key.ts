import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { publicKeyFrom, signData, verifySignature } from '../publickey/index.ts'
import { parseOpensshPrivateKey } from './openssh-key.ts'

/** A private key that has been found to make signatures that its public key verifies. */
export interface ImportedKey {
  readonly key: KeyObject
  readonly comment: string
}

const longestText = 64 * 1024

/**
 * Returns the private key in an unencrypted file of OpenSSH or in PEM (PKCS #8, PKCS #1, SEC 1).
 * Throws `ERR_KEYS_PRIVATE_KEY_ENCRYPTED` for a key behind a passphrase, `ERR_KEYS_PRIVATE_KEY` for
 * what is no usable key, and what `publicKeyFrom` throws for kinds that SSH does not have.
 */
export function parsePrivateKey(text: Buffer): ImportedKey {
  if (text.length > longestText) throw unusable(`private key is longer than ${longestText} bytes`)
  const imported = text.includes('-----BEGIN OPENSSH PRIVATE KEY-----')
    ? parseOpensshPrivateKey(text)
    : { key: parsePem(text), comment: '' }
  const probe = Buffer.from('sallyport: does this private key fit its public key?')
  const publicKey = publicKeyFrom(imported.key)
  const signatureBlob = signData(imported.key, probe)
  if (!verifySignature({ publicKey, data: probe, signatureBlob })) {
    throw unusable('private key does not fit its own public key')
  }
  return imported
}

function parsePem(text: Buffer): KeyObject {
  if (text.includes('ENCRYPTED')) {
    throw new KeysError(
      'ERR_KEYS_PRIVATE_KEY_ENCRYPTED',
      'private key is behind a passphrase: take it off first, with openssl pkey or ssh-keygen -p',
    )
  }
  if (text.includes('-----BEGIN PUBLIC KEY-----') || text.subarray(0, 4).includes('ssh-')) {
    throw unusable('this is a public key, a private key is expected')
  }
  try {
    return createPrivateKey({ key: text, format: 'pem' })
  } catch {
    // OpenSSL's own words are kept out: they could quote what they were given.
    throw unusable('not a private key in OpenSSH or PEM format')
  }
}

function unusable(message: string): KeysError {
  return new KeysError('ERR_KEYS_PRIVATE_KEY', message)
}
