import { createHash, verify } from 'node:crypto'
import { createReader } from '../wire/reader.ts'
import type { WireReader } from '../wire/reader.ts'
import { createWriter } from '../wire/writer.ts'
import { curves } from './curves.ts'
import type { Curve } from './curves.ts'
import type { PublicKey, PublicKeyType } from './public-key.ts'

export interface SignatureToVerify {
  readonly publicKey: PublicKey
  /** The signed data, not its hash. */
  readonly data: Uint8Array
  /** RFC 4253 section 6.6: string algorithm, string signature; sk-*: then byte flags, uint32 counter. */
  readonly signatureBlob: Uint8Array
  /** The signature algorithm that was agreed on, when it was; the blob must name it. */
  readonly algorithm?: string
}

const userPresent = 0x01

/** The signature algorithms of each key type. SHA-1 ("ssh-rsa" as an algorithm) is not among them. */
const algorithms: Readonly<Record<PublicKeyType, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
  'sk-ssh-ed25519@openssh.com': ['sk-ssh-ed25519@openssh.com'],
  'sk-ecdsa-sha2-nistp256@openssh.com': ['sk-ecdsa-sha2-nistp256@openssh.com'],
}

/** Returns the signature algorithms that a key of this type may be used with, best first. */
export function signatureAlgorithms(type: PublicKeyType): readonly string[] {
  return algorithms[type]
}

/**
 * Returns true only when `signatureBlob` is a signature over `data` by `publicKey`, made with an
 * algorithm that belongs to this very key type (and is `algorithm`, when given). A security key's
 * signature must carry the user presence flag. Hostile signature bytes give false, never an error.
 */
export function verifySignature(signature: SignatureToVerify): boolean {
  try {
    return verifyStrictly(signature)
  } catch {
    // Truncated, trailing or unreadable: it is not a signature, and why is of no use to its sender.
    return false
  }
}

function verifyStrictly({ publicKey, data, signatureBlob, algorithm }: SignatureToVerify): boolean {
  const reader = createReader(signatureBlob)
  const named = reader.text()
  if (!algorithms[publicKey.type].includes(named)) return false
  if (algorithm !== undefined && algorithm !== named) return false
  const raw = reader.string()
  const signed = publicKey.type.startsWith('sk-') ? readPresence(reader, publicKey, data) : data
  reader.end()
  return signed !== undefined && verifyRaw(publicKey, named, signed, raw)
}

/**
 * PROTOCOL.u2f: a security key signs sha256(application), flags, counter, sha256(data).
 * Undefined when the user was not present.
 */
function readPresence(
  reader: WireReader,
  publicKey: PublicKey,
  data: Uint8Array,
): Buffer | undefined {
  const flags = reader.u8()
  const counter = reader.u32()
  if ((flags & userPresent) === 0 || publicKey.application === undefined) return undefined
  return createWriter()
    .raw(sha256(publicKey.application))
    .u8(flags)
    .u32(counter)
    .raw(sha256(data))
    .bytes()
}

function verifyRaw(
  { key }: PublicKey,
  algorithm: string,
  data: Uint8Array,
  signature: Buffer,
): boolean {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return signature.length === 64 && verify(null, data, key, signature) === true
    case 'rsa': {
      const hash = algorithm === 'rsa-sha2-512' ? 'sha512' : 'sha256'
      return verify(hash, data, key, signature) === true
    }
    case 'ec': {
      const named = key.asymmetricKeyDetails?.namedCurve
      const curve = curves.find((candidate) => candidate.openssl === named)
      if (curve === undefined) return false
      const halves = readHalves(signature, curve)
      return verify(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' }, halves) === true
    }
    default:
      return false
  }
}

// RFC 5656 section 3.1.2: mpint r, mpint s
function readHalves(signature: Buffer, curve: Curve): Buffer {
  const reader = createReader(signature)
  const halves = Buffer.alloc(2 * curve.size)
  for (const end of [curve.size, 2 * curve.size]) {
    const half = reader.mpint()
    if (half.length === 0 || half.length > curve.size) throw new RangeError('half out of range')
    half.copy(halves, end - half.length)
  }
  reader.end()
  return halves
}

function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest()
}
