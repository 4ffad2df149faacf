import type { Scratch } from './scratch.ts'
import { decodeBase64, encodeBase64 } from './text.ts'

/**
 * Returns the JSON of an object of strings and of one secret in base64, which never is a string: that
 * could not be wiped.
 */
export function writeSecretJson(
  members: Readonly<Record<string, unknown>>,
  name: string,
  secret: Uint8Array,
  scratch: Scratch,
): Buffer {
  const open = JSON.stringify(members).slice(0, -1)
  const separator = open === '{' ? '' : ','
  const encoded = scratch.keep(encodeBase64(secret))
  const start = Buffer.from(`${open}${separator}${JSON.stringify(name)}:"`)
  return scratch.keep(Buffer.concat([start, encoded, Buffer.from('"}')]))
}

/**
 * Returns the bytes of the first member of this name, whose value is base64, and blanks them out in
 * `json`. Returns undefined when there is none. The caller wipes them.
 */
export function takeSecret(json: Buffer, name: string): Buffer | undefined {
  const label = Buffer.from(JSON.stringify(name))
  const at = json.indexOf(label)
  if (at === -1) return undefined
  let start = skipBlanks(json, at + label.length)
  if (json[start] !== colon) return undefined
  start = skipBlanks(json, start + 1)
  if (json[start] !== quote) return undefined
  const end = json.indexOf(quote, start + 1)
  if (end === -1) return undefined
  const encoded = json.subarray(start + 1, end)
  const bytes = decodeBase64(encoded)
  encoded.fill(0x20)
  return bytes
}

const colon = 0x3a
const quote = 0x22

function skipBlanks(json: Buffer, from: number): number {
  let at = from
  while (json[at] === 0x20 || json[at] === 0x0a || json[at] === 0x0d || json[at] === 0x09) at += 1
  return at
}

/** Returns the members of a JSON object that is one, and none of anything else. */
export function membersIn(json: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)))
  } catch {
    return {}
  }
}

export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.assign(Object.create(null), value)
}

/** Returns what an engine said as one short line that plays no tricks on a terminal. */
export function quotedWords(said: unknown): string {
  const text = typeof said === 'string' ? said : ''
  return text.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}
