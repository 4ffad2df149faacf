import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { publicKeyFrom } from '../publickey/index.ts'
import type { PublicKey } from '../publickey/index.ts'
import { createReader, createWriter } from '../wire/index.ts'
import type { WireWriter } from '../wire/index.ts'
import { createDerReader } from './der-reader.ts'
import type { Scratch } from './scratch.ts'
import { encodeBase64 } from './text.ts'

const integer = 0x02
const octets = 0x04
const sequence = 0x30
const lineLength = 70

/**
 * Returns the private key file that `ssh` reads (OpenSSH PROTOCOL.key, without a passphrase). It never is
 * a string, and all its bytes go to the scratch. Throws `ERR_KEYS_PUBLICKEY_TYPE`.
 */
export function formatOpensshPrivateKey(key: KeyObject, comment: string, scratch: Scratch): Buffer {
  const publicKey = publicKeyFrom(key)
  const fields = createWriter()
  const check = randomBytes(4)
  fields.raw(check).raw(check).string(publicKey.type)
  writePrivateFields(fields, key, publicKey, scratch)
  fields.string(comment)
  const unpadded = scratch.keep(fields.bytes())
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (unpadded.length % 8)) % 8))
  const container = createWriter()
    .raw(Buffer.from('openssh-key-v1\0'))
    .string('none')
    .string('none')
    .string('')
    .u32(1)
    .string(publicKey.blob)
    .u32(unpadded.length + padding.length)
    .raw(unpadded)
    .raw(padding)
  return armored(scratch.keep(container.bytes()), scratch)
}

function writePrivateFields(
  fields: WireWriter,
  key: KeyObject,
  publicKey: PublicKey,
  scratch: Scratch,
): void {
  const blob = createReader(publicKey.blob)
  blob.string()
  switch (key.asymmetricKeyType) {
    case 'ed25519': {
      const outer = exported(key, 'pkcs8', scratch)
      outer.value(integer)
      outer.value(sequence)
      const seed = createDerReader(outer.value(octets)).value(octets)
      const point = blob.string()
      fields.string(point).string(scratch.keep(Buffer.concat([seed, point])))
      break
    }
    case 'ec': {
      const outer = exported(key, 'sec1', scratch)
      outer.value(integer)
      const scalar = outer.value(octets)
      fields.string(blob.string()).string(blob.string()).string(mpintOf(scalar, scratch))
      break
    }
    case 'rsa': {
      const outer = exported(key, 'pkcs1', scratch)
      outer.value(integer)
      // An INTEGER of DER and an mpint have the same octets.
      const number = (): Buffer => outer.value(integer)
      fields.string(number()).string(number()).string(number())
      const primes = [number(), number()]
      // The two exponents that OpenSSH leaves out.
      number()
      number()
      const coefficient = number()
      for (const each of [coefficient, ...primes]) fields.string(each)
      break
    }
    default:
      throw new KeysError('ERR_KEYS_PUBLICKEY_TYPE', 'OpenSSH has no file for such a key')
  }
}

function exported(
  key: KeyObject,
  type: 'pkcs1' | 'pkcs8' | 'sec1',
  scratch: Scratch,
): ReturnType<typeof createDerReader> {
  const der = scratch.keep(key.export({ format: 'der', type }))
  return createDerReader(createDerReader(der).value(sequence))
}

/** The writer's own mpint would copy the number where nobody wipes it. */
function mpintOf(magnitude: Buffer, scratch: Scratch): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0)
  const minimal = magnitude.subarray(first === -1 ? magnitude.length : first)
  const sign = (minimal[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0)
  return scratch.keep(Buffer.concat([sign, minimal]))
}

function armored(bytes: Buffer, scratch: Scratch): Buffer {
  const encoded = scratch.keep(encodeBase64(bytes))
  const parts: Buffer[] = [Buffer.from('-----BEGIN OPENSSH PRIVATE KEY-----\n')]
  const lineFeed = Buffer.from('\n')
  for (let at = 0; at < encoded.length; at += lineLength) {
    parts.push(encoded.subarray(at, at + lineLength), lineFeed)
  }
  parts.push(Buffer.from('-----END OPENSSH PRIVATE KEY-----\n'))
  return scratch.keep(Buffer.concat(parts))
}
