import { createPublicKey } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { createReader } from '../wire/reader.ts'
import { quoted } from '../wire/quoted.ts'
import { createWriter } from '../wire/writer.ts'
import { curves } from './curves.ts'
import { readKeyFields } from './fields.ts'
import { isPublicKeyType } from './public-key.ts'
import type { PublicKey } from './public-key.ts'

const longestBlob = 4096

/**
 * Returns the key in a public key blob (RFC 4253 section 6.6), which is copied.
 *
 * Throws `ERR_KEYS_PUBLICKEY_TYPE` for a certificate or a type that is not accepted,
 * `ERR_KEYS_PUBLICKEY_INVALID` for numbers that make no key, or a wire code.
 */
export function parsePublicKey(blob: Uint8Array): PublicKey {
  if (blob.length > longestBlob) {
    throw new KeysError(
      'ERR_KEYS_PUBLICKEY_INVALID',
      `public key blob is longer than ${longestBlob} bytes`,
    )
  }
  const copy = Buffer.from(blob)
  const reader = createReader(copy)
  const type = reader.text()
  if (type.includes('-cert-v01@')) {
    throw new KeysError(
      'ERR_KEYS_PUBLICKEY_TYPE',
      `expected a plain public key, found ${quoted(type)}`,
    )
  }
  if (!isPublicKeyType(type)) {
    throw new KeysError(
      'ERR_KEYS_PUBLICKEY_TYPE',
      `public key type ${quoted(type)} is not accepted`,
    )
  }
  const fields = readKeyFields(reader, type)
  reader.end()
  return { type, blob: copy, ...fields }
}

/**
 * Returns the public half of a key made by node:crypto. Throws `ERR_KEYS_PUBLICKEY_TYPE` for kinds
 * that SSH has no name for here (RSA-PSS, Ed448, other curves), and what `parsePublicKey` throws.
 */
export function publicKeyFrom(key: KeyObject): PublicKey {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  if (publicKey.type !== 'public') throw new TypeError('"key" must be an asymmetric key')
  return parsePublicKey(encode(publicKey))
}

function encode(key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return createWriter()
        .string('ssh-ed25519')
        .string(field(key.export({ format: 'jwk' }), 'x'))
        .bytes()
    case 'rsa': {
      const jwk = key.export({ format: 'jwk' })
      return createWriter().string('ssh-rsa').mpint(field(jwk, 'e')).mpint(field(jwk, 'n')).bytes()
    }
    case 'ec': {
      const named = key.asymmetricKeyDetails?.namedCurve
      const curve = curves.find((candidate) => candidate.openssl === named)
      if (curve === undefined) throw unnamed(named)
      const jwk = key.export({ format: 'jwk' })
      const point = Buffer.concat([Buffer.of(4), field(jwk, 'x'), field(jwk, 'y')])
      return createWriter()
        .string(`ecdsa-sha2-${curve.name}`)
        .string(curve.name)
        .string(point)
        .bytes()
    }
    default:
      throw unnamed(key.asymmetricKeyType)
  }
}

function unnamed(kind: string | undefined): KeysError {
  return new KeysError('ERR_KEYS_PUBLICKEY_TYPE', `no public key type for a key of kind ${kind}`)
}

/** RFC 7518 section 6.2.1.2: coordinates come with all their leading zeros. */
function field(jwk: JsonWebKey, name: 'x' | 'y' | 'e' | 'n'): Buffer {
  return Buffer.from(jwk[name] ?? '', 'base64url')
}
