import type { AlgorithmOffer } from './internals.ts'

/**
 * What both roles offer: AES-GCM first, since it is the fastest here and needs no MAC, and CTR with encrypt-then-MAC for
 * clients without it. Left out on purpose: compression (a decompression bomb before authentication), SHA-1, CBC,
 * ssh-rsa, group exchange (ssh2 offers it but cannot serve it).
 */
export interface AlgorithmChoice {
  readonly kex: readonly string[]
  readonly ciphers: readonly string[]
  readonly macs: readonly string[]
}

export const DEFAULT_ALGORITHMS: AlgorithmChoice = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  ciphers: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'],
  macs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256'],
}

/** Returns the KEXINIT name lists of one side; `hostKeys` are the host key algorithms it can serve or will accept. */
export function algorithmOffer(
  choice: AlgorithmChoice,
  hostKeys: readonly string[],
): AlgorithmOffer {
  const direction = {
    cipher: [...choice.ciphers],
    mac: [...choice.macs],
    compress: ['none'],
    lang: [],
  }
  return { kex: [...choice.kex], serverHostKey: [...hostKeys], cs: direction, sc: direction }
}

/** Signature algorithms that a client may use to authenticate, as `server-sig-algs` names them (RFC 8308 section 3.1). */
export const SIGNATURE_ALGORITHMS: readonly string[] = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'rsa-sha2-512',
  'rsa-sha2-256',
]
