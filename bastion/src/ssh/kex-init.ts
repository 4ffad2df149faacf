import { KexInitClass, type AlgorithmOffer, type KexInit } from './internals.ts'

/** Extensions of the key exchange that ssh2 knows: RFC 8308, and the strict one of OpenSSH's PROTOCOL 1.10. */
const EXTENSIONS = {
  server: ['kex-strict-s-v00@openssh.com'],
  client: ['ext-info-c', 'kex-strict-c-v00@openssh.com'],
}

/** More than there are combinations in any configuration. */
const MOST = 256

const made = new Map<string, KexInit>()

/** Returns the KEXINIT of a side. Those that are alike are one: each connection keeps its own for as long as it lives. */
export function kexInitOf(side: 'server' | 'client', offer: AlgorithmOffer): KexInit {
  const name = JSON.stringify([side, offer])
  let kexInit = made.get(name)
  if (kexInit === undefined) {
    if (made.size >= MOST) made.clear()
    kexInit = new KexInitClass({ ...offer, kex: [...offer.kex, ...EXTENSIONS[side]] })
    made.set(name, kexInit)
  }
  return kexInit
}
