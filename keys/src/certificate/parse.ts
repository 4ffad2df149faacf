import { KeysError } from '../errors.ts'
import { isPublicKeyType, parsePublicKey, publicKeyTypes } from '../publickey/index.ts'
import type { PublicKey, PublicKeyType } from '../publickey/index.ts'
import { readKeyFields } from '../publickey/fields.ts'
import { createReader } from '../wire/reader.ts'
import type { WireReader } from '../wire/reader.ts'
import { createWriter } from '../wire/writer.ts'
import { certTypeOf, longestCertificate, mostPrincipals } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { readOptions } from './options.ts'

/**
 * Returns the certificate in a blob, which is copied. Its form is exact: known key types, options
 * sorted and unique, reserved field empty, nothing left over. Neither the signature nor the
 * authority, the validity or the principals have been checked: that is `validateCertificate`.
 *
 * Throws `ERR_KEYS_CERTIFICATE_TYPE`, `ERR_KEYS_CERTIFICATE_INVALID`, or a wire or publickey code.
 */
export function parseCertificate(blob: Uint8Array): Certificate {
  if (blob.length > longestCertificate) {
    throw invalid(`certificate is longer than ${longestCertificate} bytes`)
  }
  const copy = Buffer.from(blob)
  const reader = createReader(copy)
  // PROTOCOL.certkeys: string type, string nonce, the key's own fields, uint64 serial, uint32 type,
  // string key id, string valid principals, uint64 valid after, uint64 valid before,
  // string critical options, string extensions, string reserved, string signature key, string signature
  const certType = reader.text()
  const subjectType = certifiedType(certType)
  const nonce = readNonce(reader)
  const subject = readSubject(reader, copy, subjectType)
  const serial = reader.u64()
  const type = readType(reader)
  const keyId = readKeyId(reader)
  const validPrincipals = readPrincipals(reader.string())
  const validAfter = reader.u64()
  const validBefore = reader.u64()
  const criticalOptions = readOptions(reader.string())
  const extensions = readOptions(reader.string())
  if (reader.string().length !== 0) throw invalid('reserved field is not empty')
  const signatureKey = readSignatureKey(reader.string())
  const signedBytes = copy.subarray(0, reader.offset)
  const signature = reader.string()
  reader.end()
  return {
    certType,
    type,
    subject,
    serial,
    keyId,
    validPrincipals,
    validAfter,
    validBefore,
    criticalOptions,
    extensions,
    signatureKey,
    blob: copy,
    signedBytes,
    signature,
    nonce,
  }
}

function certifiedType(certType: string): PublicKeyType {
  const found = publicKeyTypes.find((type) => certTypeOf(type) === certType)
  if (found !== undefined) return found
  const what = isPublicKeyType(certType) ? 'a plain public key' : 'an unknown type'
  throw new KeysError('ERR_KEYS_CERTIFICATE_TYPE', `expected a certificate, found ${what}`)
}

/** The nonce keeps a chosen certificate from steering the signed hash, so a short one is no nonce. */
function readNonce(reader: WireReader): Buffer {
  const nonce = reader.string()
  if (nonce.length < 16 || nonce.length > 64) throw invalid('nonce does not have 16 to 64 bytes')
  return nonce
}

function readSubject(reader: WireReader, blob: Buffer, type: PublicKeyType): PublicKey {
  const start = reader.offset
  const fields = readKeyFields(reader, type)
  const own = createWriter().string(type).raw(blob.subarray(start, reader.offset)).bytes()
  return { type, blob: own, ...fields }
}

function readType(reader: WireReader): 'user' | 'host' {
  const value = reader.u32()
  if (value === 1) return 'user'
  if (value === 2) return 'host'
  throw invalid(`certificate is of type ${value}, neither user nor host`)
}

function readKeyId(reader: WireReader): string {
  const keyId = reader.text()
  if (keyId.length > 1024 || /\p{Cc}/u.test(keyId)) {
    throw invalid('key id is longer than 1024 or has control characters')
  }
  return keyId
}

function readPrincipals(bytes: Buffer): readonly string[] {
  const reader = createReader(bytes)
  const principals: string[] = []
  while (reader.remaining > 0) {
    const principal = reader.text()
    if (principal === '') throw invalid('a principal is empty')
    if (principals.push(principal) > mostPrincipals) {
      throw invalid(`certificate has more than ${mostPrincipals} principals`)
    }
  }
  return principals
}

/** An authority is a plain key: a certificate here would be a chain, which OpenSSH does not have. */
function readSignatureKey(blob: Buffer): PublicKey {
  const key = parsePublicKey(blob)
  if (key.type.startsWith('sk-')) throw invalid('a security key as authority is not accepted')
  return key
}

function invalid(message: string): KeysError {
  return new KeysError('ERR_KEYS_CERTIFICATE_INVALID', message)
}
