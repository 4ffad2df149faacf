import { generateKeyPair } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** What kind of key is made: Ed25519 unless told. */
export interface KeyKind {
  readonly type?: 'ed25519' | 'ecdsa' | 'rsa' | undefined
  /** 256 (the default), 384 or 521 for ecdsa, 3072 (the default) to 8192 for rsa. */
  readonly bits?: number | undefined
}

const namedCurves = new Map([
  [256, 'prime256v1'],
  [384, 'secp384r1'],
  [521, 'secp521r1'],
])

/** Returns a new private key, made beside the main thread. Throws TypeError for sizes that we do not make. */
export async function generatePrivateKey(kind: KeyKind): Promise<KeyObject> {
  const { promise, resolve, reject } = Promise.withResolvers<KeyObject>()
  const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject): void => {
    if (error === null) resolve(privateKey)
    else reject(error)
  }
  const { type = 'ed25519', bits } = kind
  switch (type) {
    case 'ed25519':
      if (bits !== undefined && bits !== 256) throw new TypeError('an ed25519 key has 256 bits')
      generateKeyPair('ed25519', undefined, done)
      break
    case 'ecdsa': {
      const namedCurve = namedCurves.get(bits ?? 256)
      if (namedCurve === undefined) throw new TypeError('an ecdsa key has 256, 384 or 521 bits')
      generateKeyPair('ec', { namedCurve }, done)
      break
    }
    case 'rsa':
      generateKeyPair('rsa', { modulusLength: rsaLength(bits ?? 3072) }, done)
      break
  }
  return promise
}

function rsaLength(bits: number): number {
  if (Number.isInteger(bits) && bits >= 3072 && bits <= 8192 && bits % 8 === 0) return bits
  throw new TypeError('an rsa key has 3072 to 8192 bits here, in steps of 8')
}
