import { KeysError } from '../errors.ts'
import { formatPublicKeyLine } from '../publickey/index.ts'
import { splitKeyLine } from '../publickey/line.ts'
import type { Certificate } from './certificate.ts'
import { parseCertificate } from './parse.ts'

/** Returns the line of a -cert.pub file, without a line feed. */
export function formatCertificateLine(certificate: Certificate, comment?: string): string {
  return formatPublicKeyLine(certificate.blob, comment)
}

/**
 * Returns the certificate of a line "type base64 comment", as unverified as `parseCertificate`
 * leaves it. Throws `ERR_KEYS_CERTIFICATE_LINE`, or what `parseCertificate` throws.
 */
export function parseCertificateLine(text: string): Certificate {
  const line = splitKeyLine(text)
  if (line === undefined) throw malformed('not a line "type base64 comment"')
  const certificate = parseCertificate(line.blob)
  if (certificate.certType !== line.type) {
    throw malformed(`line and certificate name different types`)
  }
  return certificate
}

function malformed(message: string): KeysError {
  return new KeysError('ERR_KEYS_CERTIFICATE_LINE', message)
}
