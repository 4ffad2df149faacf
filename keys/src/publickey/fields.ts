import { createPublicKey } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import type { WireReader } from '../wire/reader.ts'
import { curves } from './curves.ts'
import type { PublicKeyType } from './public-key.ts'

/** The part of a key that follows its type name, in a key blob and in a certificate alike. */
export interface KeyFields {
  readonly key: KeyObject
  readonly application?: string
}

/**
 * Returns the key that stands at the reader. A point has been found to lie on its curve, an RSA
 * modulus to have 2048 to 8192 bits. Throws `ERR_KEYS_PUBLICKEY_INVALID` or a wire code.
 */
export function readKeyFields(reader: WireReader, type: PublicKeyType): KeyFields {
  switch (type) {
    case 'ssh-ed25519':
      return { key: readEd25519(reader) }
    case 'sk-ssh-ed25519@openssh.com':
      return { key: readEd25519(reader), application: readApplication(reader) }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return { key: readEcdsa(reader, type.slice('ecdsa-sha2-'.length)) }
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return { key: readEcdsa(reader, 'nistp256'), application: readApplication(reader) }
    case 'ssh-rsa':
      return { key: readRsa(reader) }
  }
}

// RFC 8709 section 4: string key (32 bytes)
function readEd25519(reader: WireReader): KeyObject {
  const x = reader.string()
  if (x.length !== 32) throw invalid(`an Ed25519 key has 32 bytes, not ${x.length}`)
  return importJwk({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') })
}

// RFC 5656 section 3.1: string curve name, string Q (4, x, y: compressed points are refused)
function readEcdsa(reader: WireReader, name: string): KeyObject {
  const found = reader.text()
  const curve = curves.find((candidate) => candidate.name === name)
  if (curve === undefined || found !== name) throw invalid(`curve is ${found}, expected ${name}`)
  const point = reader.string()
  if (point.length !== 1 + 2 * curve.size || point[0] !== 4) {
    throw invalid(`not an uncompressed ${name} point`)
  }
  const x = point.subarray(1, 1 + curve.size).toString('base64url')
  const y = point.subarray(1 + curve.size).toString('base64url')
  return importJwk({ kty: 'EC', crv: curve.jwk, x, y })
}

// RFC 4253 section 6.6: mpint e, mpint n
function readRsa(reader: WireReader): KeyObject {
  const exponent = reader.mpint()
  const modulus = reader.mpint()
  const bits = bitLength(modulus)
  if (bits < 2048 || bits > 8192) {
    throw invalid(`an RSA key has 2048 to 8192 bits here, not ${bits}`)
  }
  if (!isOdd(modulus)) throw invalid('RSA modulus is even')
  // OpenSSL gives up on longer exponents only when it verifies, which would be too late to say why.
  if (!isOdd(exponent) || exponent.length > 8 || bitLength(exponent) < 2) {
    throw invalid('RSA exponent is not an odd number of 2 to 64 bits')
  }
  const n = modulus.toString('base64url')
  return importJwk({ kty: 'RSA', n, e: exponent.toString('base64url') })
}

function readApplication(reader: WireReader): string {
  const application = reader.text()
  if (application === '' || application.length > 255) {
    throw invalid('application of a security key is empty or longer than 255')
  }
  return application
}

function importJwk(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch (cause) {
    throw new KeysError('ERR_KEYS_PUBLICKEY_INVALID', `not a valid ${jwk.kty} key`, { cause })
  }
}

function bitLength(magnitude: Buffer): number {
  const first = magnitude[0]
  return first === undefined ? 0 : magnitude.length * 8 - Math.clz32(first) + 24
}

function isOdd(magnitude: Buffer): boolean {
  return ((magnitude.at(-1) ?? 0) & 1) === 1
}

function invalid(message: string): KeysError {
  return new KeysError('ERR_KEYS_PUBLICKEY_INVALID', message)
}
