import { KeysError } from '../errors.ts'
import { createReader } from '../wire/reader.ts'
import { parsePublicKey } from './blob.ts'
import type { PublicKey } from './public-key.ts'

/** One line of a .pub file, before its blob has been looked into. */
export interface KeyLine {
  readonly type: string
  readonly blob: Buffer
  readonly comment: string
}

const longestLine = 128 * 1024
/** No two neighbouring parts can match the same character, so a hostile line costs linear time. */
const shape = /^[ \t]*([!-~]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+([^ \t\r\n][^\r\n]*)?)?\r?\n?$/

/**
 * Returns the key of a line "type base64 comment". The type in front agrees with the one inside.
 * Options in front of the type, certificates and a second line are refused. Throws
 * `ERR_KEYS_PUBLICKEY_LINE`, or what `parsePublicKey` throws.
 */
export function parsePublicKeyLine(text: string): PublicKey {
  const line = splitKeyLine(text)
  if (line === undefined) throw malformed('not a line "type base64 comment"')
  if (line.type.includes('-cert-v01@')) {
    throw malformed('this line holds a certificate, a plain public key is expected')
  }
  const key = parsePublicKey(line.blob)
  if (key.type !== line.type) throw malformed(`line says ${line.type}, its key is ${key.type}`)
  return key
}

/** Returns the line of a .pub file for a key or certificate blob, without a line feed. */
export function formatPublicKeyLine(blob: Uint8Array, comment?: string): string {
  if (comment !== undefined && /[\p{Cc}\u2028\u2029]/u.test(comment)) {
    throw new TypeError('"comment" must be one line without control characters')
  }
  const parts = [createReader(blob).text(), Buffer.from(blob).toString('base64')]
  return (comment ? [...parts, comment] : parts).join(' ')
}

/** Returns the fields of a line, or undefined when it has another shape or its base64 is not exact. */
export function splitKeyLine(text: string): KeyLine | undefined {
  if (text.length > longestLine) return undefined
  const [, type, encoded, comment] = shape.exec(text) ?? []
  if (type === undefined || encoded === undefined) return undefined
  const blob = Buffer.from(encoded, 'base64')
  // Buffer.from skips what it cannot read: only what encodes back to the same text was base64.
  if (blob.toString('base64') !== encoded) return undefined
  return { type, blob, comment: comment?.trim() ?? '' }
}

function malformed(message: string): KeysError {
  return new KeysError('ERR_KEYS_PUBLICKEY_LINE', message)
}
