import type { KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import { KeysError } from '../errors.ts'
import { signData } from '../publickey/index.ts'
import type { PublicKey } from '../publickey/index.ts'

/** Signs with one private key, which cannot be had from it. Whoever opened it closes it. */
export interface Signer {
  readonly publicKey: PublicKey
  /**
   * Returns a whole signature blob over `data`. Throws `ERR_KEYS_VAULT_CLOSED` after `close`, and
   * `ERR_KEYS_SIGN_ALGORITHM` for an algorithm that the key does not have.
   */
  sign(data: Uint8Array, algorithm?: string): Buffer
  /** Lets go of the private key. */
  close(): void
}

export function createSigner(publicKey: PublicKey, privateKey: KeyObject): Signer {
  let held: KeyObject | undefined = privateKey
  const signer: Signer = {
    publicKey,
    sign(data, algorithm) {
      if (held === undefined) throw new KeysError('ERR_KEYS_VAULT_CLOSED', 'signer is closed')
      return signData(held, data, algorithm)
    },
    close() {
      held = undefined
    },
  }
  return Object.defineProperty(signer, inspect.custom, { value: () => '<signer>' })
}
