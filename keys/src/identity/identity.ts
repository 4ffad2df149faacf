import { KeysError } from '../errors.ts'
import { isClaimValue } from './matcher.ts'
import type { ClaimValue } from './matcher.ts'

/** Who is asking, as one rule has decided from verified claims. */
export interface Identity {
  readonly name: string
  /** Our own name for the issuer. */
  readonly issuer: string
  readonly subject: string
  /** The id of the rule that decided. */
  readonly rule: string
  readonly groups: readonly string[]
  readonly principals: readonly string[]
  readonly claims: Readonly<Record<string, ClaimValue>>
  /** Seconds. */
  readonly maxLife: number
}

const longestName = 128
const longestEncoding = 4096
const unprintable = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u

/**
 * Returns why `name` must not name an identity, or undefined. Two names that look alike in a log must
 * not be two identities, so nothing invisible and no second spelling of one text is let in.
 */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'name is empty'
  if (name.length > longestName) return `name has more than ${longestName} characters`
  if (unprintable.test(name)) return 'name has a blank, control or invisible character'
  return name === name.normalize('NFC') ? undefined : 'name is not in Unicode normal form C'
}

/** Returns the one JSON text of an identity. Throws `ERR_KEYS_IDENTITY_INVALID` above 4 KiB. */
export function encodeIdentity(identity: Identity): string {
  const { name, issuer, subject, rule, groups, principals, claims, maxLife } = identity
  const text = JSON.stringify({ name, issuer, subject, rule, groups, principals, claims, maxLife })
  if (Buffer.byteLength(text) > longestEncoding) {
    throw invalid(`identity takes ${Buffer.byteLength(text)} bytes, at most ${longestEncoding}`)
  }
  return text
}

/**
 * Returns the identity in a text of `encodeIdentity`. Whoever signed the text is to be verified by the
 * caller. Throws `ERR_KEYS_IDENTITY_INVALID` for any text that is not exactly what encoding gives.
 */
export function decodeIdentity(text: string): Identity {
  if (Buffer.byteLength(text) > longestEncoding) {
    throw invalid(`identity takes more than ${longestEncoding} bytes`)
  }
  const fields = parseObject(text)
  const identity: Identity = {
    name: stringIn(fields, 'name'),
    issuer: stringIn(fields, 'issuer'),
    subject: stringIn(fields, 'subject'),
    rule: stringIn(fields, 'rule'),
    groups: stringsIn(fields, 'groups'),
    principals: stringsIn(fields, 'principals'),
    claims: claimsIn(fields),
    maxLife: lifeIn(fields),
  }
  const problem = nameProblem(identity.name)
  if (problem !== undefined) throw invalid(`identity: ${problem}`)
  // One identity has one text: this also catches unknown members, repeated ones and other spellings.
  if (encodeIdentity(identity) !== text) throw invalid('identity is not in its exact encoding')
  return identity
}

type Fields = Readonly<Record<string, unknown>>

function parseObject(text: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('identity is not JSON', { cause })
  }
  if (!isObject(value)) throw invalid('identity is not a JSON object')
  return value
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stringIn(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw invalid(`identity: "${name}" is not a string`)
  return value
}

function stringsIn(fields: Fields, name: string): readonly string[] {
  const value = fields[name]
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw invalid(`identity: "${name}" is not a list of strings`)
}

function claimsIn(fields: Fields): Readonly<Record<string, ClaimValue>> {
  const value = fields['claims']
  if (!isObject(value)) throw invalid('identity: "claims" is not an object')
  const claims = Object.entries(value).map(([name, claim]): [string, ClaimValue] => {
    if (!isClaimValue(claim)) throw invalid('identity: a claim is not a string, number or boolean')
    return [name, claim]
  })
  return Object.fromEntries(claims)
}

function lifeIn(fields: Fields): number {
  const value = fields['maxLife']
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw invalid('identity: "maxLife" is not a whole number of seconds above 0')
}

function invalid(message: string, options?: ErrorOptions): KeysError {
  return new KeysError('ERR_KEYS_IDENTITY_INVALID', message, options)
}
