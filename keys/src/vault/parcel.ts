import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { fromText, toText } from './document.ts'
import type { SealedText } from './document.ts'
import { createScratch } from './scratch.ts'
import { contextOf, seal, unseal } from './seal.ts'

/**
 * A private key file on its way into the vault of another process. What carries it (sockets, parsers, JSON) keeps
 * copies that nobody can wipe, so it travels sealed, with a key that is agreed on for it alone (X25519, RFC 7748).
 */
export interface Parcel extends SealedText {
  /** The sender's public key of this parcel, base64url. */
  readonly from: string
}

/** Who can open one parcel. */
export interface ParcelReceiver {
  /** The receiver's public key, base64url. */
  readonly to: string
  /** Returns the bytes, which the caller wipes; undefined for a parcel that is not for this receiver and id. */
  open(parcel: Parcel, id: string): Buffer | undefined
}

/** Seals the private key file that is to become the key `id`. Throws TypeError when `to` is no public key. */
export function packParcel(text: Buffer, id: string, to: string): Parcel {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const receiver = publicKeyOf(to)
  if (receiver === undefined) throw new TypeError('"to" must be the public key of a receiver')
  const from = textOf(publicKey)
  const sealed = withSharedKey({ privateKey, publicKey: receiver, from, to }, (key) =>
    seal(key, text, contextOf('parcel', id)),
  )
  return { from, ...toText(sealed) }
}

export function createParcelReceiver(): ParcelReceiver {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const to = textOf(publicKey)
  return {
    to,
    open(parcel, id) {
      const { from } = parcel
      const sender = publicKeyOf(from)
      if (sender === undefined) return undefined
      try {
        return withSharedKey({ privateKey, publicKey: sender, from, to }, (key) =>
          unseal(key, fromText(parcel), contextOf('parcel', id)),
        )
      } catch {
        // A public key with which nothing can be agreed on.
        return undefined
      }
    },
  }
}

interface Agreement {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly from: string
  readonly to: string
}

function withSharedKey<T>({ from, to, ...pair }: Agreement, use: (key: Buffer) => T): T {
  const scratch = createScratch()
  try {
    const shared = scratch.keep(diffieHellman(pair))
    const about = `sallyport-parcel/1 ${from} ${to}`
    return use(scratch.keep(Buffer.from(hkdfSync('sha256', shared, '', about, 32))))
  } finally {
    scratch.wipe()
  }
}

function textOf(publicKey: KeyObject): string {
  return publicKey.export({ format: 'jwk' }).x ?? ''
}

function publicKeyOf(text: string): KeyObject | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return undefined
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: text }, format: 'jwk' })
  } catch {
    return undefined
  }
}
