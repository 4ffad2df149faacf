import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import type { PublicKeyType } from '../publickey/index.ts'
import type { WireReader } from '../wire/index.ts'
import { createDerWriter } from './der.ts'
import { moduloPredecessor } from './modulo.ts'
import { createScratch } from './scratch.ts'
import type { Scratch } from './scratch.ts'

// X.690 encodings of INTEGER 0 and 1 and of object identifiers.
const zero = Buffer.of(0x02, 0x01, 0x00)
const one = Buffer.of(0x02, 0x01, 0x01)
const ed25519 = Buffer.from('06032b6570', 'hex')
const curves = {
  nistp256: { identifier: Buffer.from('06082a8648ce3d030107', 'hex'), size: 32 },
  nistp384: { identifier: Buffer.from('06052b81040022', 'hex'), size: 48 },
  nistp521: { identifier: Buffer.from('06052b81040023', 'hex'), size: 66 },
} as const

/**
 * Returns the key whose private fields (OpenSSH PROTOCOL.key, section 3) stand at the reader. Throws
 * `ERR_KEYS_PRIVATE_KEY` for security keys, whose private half is in a device, and for numbers that
 * make no key.
 */
export function readPrivateFields(reader: WireReader, type: PublicKeyType): KeyObject {
  const scratch = createScratch()
  try {
    switch (type) {
      case 'ssh-ed25519':
        return readEd25519(reader, scratch)
      case 'ecdsa-sha2-nistp256':
        return readEcdsa(reader, scratch, 'nistp256')
      case 'ecdsa-sha2-nistp384':
        return readEcdsa(reader, scratch, 'nistp384')
      case 'ecdsa-sha2-nistp521':
        return readEcdsa(reader, scratch, 'nistp521')
      case 'ssh-rsa':
        return readRsa(reader, scratch)
      case 'sk-ssh-ed25519@openssh.com':
      case 'sk-ecdsa-sha2-nistp256@openssh.com':
        throw malformed('the private half of a security key cannot be taken out of its device')
    }
  } finally {
    scratch.wipe()
  }
}

// string public key (32), string private key = seed (32) and public key (32)
function readEd25519(reader: WireReader, scratch: Scratch): KeyObject {
  const publicBytes = reader.string()
  const privateBytes = reader.string()
  if (privateBytes.length !== 64 || !privateBytes.subarray(32).equals(publicBytes)) {
    throw malformed('the two halves of the Ed25519 key do not fit')
  }
  const der = createDerWriter(scratch)
  const seed = der.octets(der.octets(privateBytes.subarray(0, 32)))
  return imported(der.sequence(zero, der.sequence(ed25519), seed), 'pkcs8')
}

// string curve name, string Q, mpint d
function readEcdsa(reader: WireReader, scratch: Scratch, name: keyof typeof curves): KeyObject {
  const { identifier, size } = curves[name]
  const found = reader.text()
  const point = reader.string()
  const magnitude = reader.mpint()
  if (found !== name || magnitude.length > size) throw malformed(`not a key on ${name}`)
  const scalar = scratch.keep(Buffer.alloc(size))
  magnitude.copy(scalar, size - magnitude.length)
  const der = createDerWriter(scratch)
  const fields = [der.octets(scalar), der.explicit(0, identifier), der.explicit(1, der.bits(point))]
  return imported(der.sequence(one, ...fields), 'sec1')
}

// mpint n, mpint e, mpint d, mpint iqmp, mpint p, mpint q
function readRsa(reader: WireReader, scratch: Scratch): KeyObject {
  const n = reader.mpint()
  const e = reader.mpint()
  const d = reader.mpint()
  const coefficient = reader.mpint()
  const p = reader.mpint()
  const q = reader.mpint()
  // The exponents below take time by the length of these numbers.
  if ([n, d].some((number) => number.length > 1024) || [p, q].some(isNoPrime)) {
    throw malformed('not an RSA key')
  }
  const dp = moduloPredecessor(d, p, scratch)
  const dq = moduloPredecessor(d, q, scratch)
  const der = createDerWriter(scratch)
  const numbers = [n, e, d, p, q, dp, dq, coefficient].map((number) => der.integer(number))
  return imported(der.sequence(zero, ...numbers), 'pkcs1')
}

function isNoPrime(number: Buffer): boolean {
  return number.length < 2 || number.length > 1024 || ((number.at(-1) ?? 0) & 1) === 0
}

function imported(der: Buffer, type: 'pkcs1' | 'pkcs8' | 'sec1'): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type })
  } catch {
    throw malformed('the numbers of the private key make no key')
  }
}

function malformed(message: string): KeysError {
  return new KeysError('ERR_KEYS_PRIVATE_KEY', message)
}
