import { createHash } from 'node:crypto'
import { createReader } from '../wire/reader.ts'
import { createWriter } from '../wire/writer.ts'
import type { PublicKey } from './public-key.ts'
import { verifySignature } from './verify.ts'

export interface SshsigToVerify {
  /** What `ssh-keygen -Y sign` wrote: base64 between BEGIN and END lines. */
  readonly armored: string
  readonly message: Uint8Array
  /** What the signature is for. The signer chose one, and it must be this. */
  readonly namespace: string
  readonly publicKey: PublicKey
}

const magic = Buffer.from('SSHSIG')
const longestArmor = 32 * 1024
const armor =
  /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n-----END SSH SIGNATURE-----\s*$/

/**
 * Returns true only when `armored` is an SSHSIG over `message`, for `namespace`, by `publicKey`.
 * Hostile input gives false, never an error.
 */
export function verifySshsig(signature: SshsigToVerify): boolean {
  if (signature.namespace === '') throw new TypeError('"namespace" must not be empty')
  const blob = unarmor(signature.armored)
  if (blob === undefined) return false
  try {
    return verifyBlob(blob, signature)
  } catch {
    return false
  }
}

function unarmor(armored: string): Buffer | undefined {
  if (armored.length > longestArmor) return undefined
  const [, lines] = armor.exec(armored) ?? []
  if (lines === undefined) return undefined
  const encoded = lines.replaceAll(/[\r\n]/g, '')
  const blob = Buffer.from(encoded, 'base64')
  return blob.toString('base64') === encoded ? blob : undefined
}

// PROTOCOL.sshsig: byte[6] "SSHSIG", uint32 1, string publickey, string namespace, string reserved,
// string hash_algorithm, string signature
function verifyBlob(blob: Buffer, { message, namespace, publicKey }: SshsigToVerify): boolean {
  if (!blob.subarray(0, magic.length).equals(magic)) return false
  const reader = createReader(blob.subarray(magic.length))
  if (reader.u32() !== 1) return false
  if (!reader.string().equals(publicKey.blob)) return false
  if (reader.text() !== namespace) return false
  if (reader.string().length !== 0) return false
  const hash = reader.text()
  if (hash !== 'sha256' && hash !== 'sha512') return false
  const signatureBlob = reader.string()
  reader.end()
  const data = createWriter()
    .raw(magic)
    .string(namespace)
    .string('')
    .string(hash)
    .string(createHash(hash).update(message).digest())
    .bytes()
  return verifySignature({ publicKey, data, signatureBlob })
}
