import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { HostKeyRecord } from '@sallyport/keys/hostkeys'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import type { PublicKey } from '@sallyport/keys/publickey'

export function ed25519(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

/** New host keys, all different. */
export function hostKeys(count: number): readonly PublicKey[] {
  return Array.from({ length: count }, () => publicKeyFrom(ed25519()))
}

export function record(publicKey: PublicKey, changes: Partial<HostKeyRecord> = {}): HostKeyRecord {
  return { kind: 'key', state: 'pinned', publicKey, source: 'paste', by: 'a test', ...changes }
}
