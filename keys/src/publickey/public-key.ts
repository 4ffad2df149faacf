import type { KeyObject } from 'node:crypto'

/** The key types that may log in or sign here, by their names on the wire. */
export const publicKeyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const

export type PublicKeyType = (typeof publicKeyTypes)[number]

/** A key whose encoding is canonical and whose numbers have been checked. */
export interface PublicKey {
  readonly type: PublicKeyType
  readonly blob: Buffer
  readonly key: KeyObject
  /** The relying party of a security key (sk-*), which its signatures cover. */
  readonly application?: string
}

export function isPublicKeyType(name: string): name is PublicKeyType {
  return publicKeyTypes.some((type) => type === name)
}
