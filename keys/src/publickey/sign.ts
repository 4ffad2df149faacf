import { sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { quoted } from '../wire/quoted.ts'
import { createWriter } from '../wire/writer.ts'
import { curves } from './curves.ts'

/**
 * Returns a whole signature blob (string algorithm, string signature) over `data`. An RSA key signs
 * with rsa-sha2-512 unless `algorithm` is rsa-sha2-256; other keys have one algorithm each.
 * Throws `ERR_KEYS_SIGN_ALGORITHM` when the key cannot sign with `algorithm`.
 */
export function signData(key: KeyObject, data: Uint8Array, algorithm?: string): Buffer {
  if (key.type !== 'private') throw new TypeError('"key" must be a private key')
  const named = algorithm ?? defaultAlgorithm(key)
  return createWriter()
    .string(named)
    .string(signRaw(key, data, named))
    .bytes()
}

function defaultAlgorithm(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return 'ssh-ed25519'
    case 'rsa':
      return 'rsa-sha2-512'
    default:
      return `ecdsa-sha2-${curveOf(key)?.name ?? 'none'}`
  }
}

function signRaw(key: KeyObject, data: Uint8Array, algorithm: string): Buffer {
  const kind = key.asymmetricKeyType
  if (kind === 'ed25519' && algorithm === 'ssh-ed25519') return sign(null, data, key)
  if (kind === 'rsa' && algorithm === 'rsa-sha2-512') return sign('sha512', data, key)
  if (kind === 'rsa' && algorithm === 'rsa-sha2-256') return sign('sha256', data, key)
  const curve = curveOf(key)
  if (curve !== undefined && algorithm === `ecdsa-sha2-${curve.name}`) {
    const halves = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' })
    return createWriter()
      .mpint(halves.subarray(0, curve.size))
      .mpint(halves.subarray(curve.size))
      .bytes()
  }
  throw new KeysError(
    'ERR_KEYS_SIGN_ALGORITHM',
    `a key of kind ${kind ?? 'unknown'} cannot sign with ${quoted(algorithm)}`,
  )
}

function curveOf(key: KeyObject): (typeof curves)[number] | undefined {
  const named = key.asymmetricKeyDetails?.namedCurve
  return curves.find((candidate) => candidate.openssl === named)
}
