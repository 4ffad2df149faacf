import { hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { seal, unseal } from './seal.ts'
import type { Sealed } from './seal.ts'

/** What a vault keeps in the clear so that the same KEK can be had again, such as a salt. */
export type KekParameters = Readonly<Record<string, string | number>>

/** The key that seals the keys of a vault. It may live elsewhere: only wrapped keys pass through. */
export interface Kek {
  readonly id: string
  readonly parameters: KekParameters
  wrap(key: Uint8Array, context: Uint8Array): Promise<Sealed>
  /**
   * Returns undefined when it is another KEK, or bytes were altered. The caller wipes the key. A KEK that
   * lives elsewhere throws `ERR_KEYS_KEK_REFUSED` or `ERR_KEYS_KEK_UNREACHABLE`, and so does `wrap`.
   */
  unwrap(sealed: Sealed, context: Uint8Array): Promise<Buffer | undefined>
}

export interface KekSource {
  /**
   * Returns the KEK, for a new vault when `parameters` is undefined. Throws `ERR_KEYS_KEK_FILE` when it
   * cannot be had, `ERR_KEYS_KEK_WRONG` when the parameters are those of another kind of source.
   */
  open(parameters: KekParameters | undefined): Promise<Kek>
}

/** Throws `ERR_KEYS_KEK_WRONG` when a vault was sealed by another kind of source; `given` says which this is. */
export function assertKind(
  parameters: KekParameters | undefined,
  kind: string,
  given: string,
): void {
  if (parameters === undefined || parameters['kind'] === kind) return
  throw new KeysError(
    'ERR_KEYS_KEK_WRONG',
    `the vault is sealed with a KEK of kind "${parameters['kind']}", not with ${given}`,
  )
}

/** Returns a KEK whose key is in this process. */
export function localKek(key: KeyObject, parameters: KekParameters): Kek {
  return {
    id: `${parameters['kind']}:${idOf(key)}`,
    parameters,
    wrap: async (bytes, context) => seal(key, bytes, context),
    unwrap: async (sealed, context) => unseal(key, sealed, context),
  }
}

/** One way and short: enough to say "another key", useless to find this one. */
function idOf(key: KeyObject): string {
  return Buffer.from(hkdfSync('sha256', key, '', 'sallyport-kek-id', 8)).toString('hex')
}
