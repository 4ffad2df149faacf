import { parsePublicKey, verifySignature, type PublicKey } from '@sallyport/keys/publickey'
import { createReader } from '@sallyport/keys/wire'
import type { HostKeyUpdate } from '../relay/roles.ts'
import { sshString } from '../ssh/messages.ts'

export interface HostKeyUpdateOptions {
  /** Of the connection to the target. */
  readonly sessionId: Buffer
  /** Whether there is anything to learn about a key. */
  readonly isWanted: (key: PublicKey) => boolean
  /** Called at most once, with keys that the target has proven to hold. */
  readonly learn: (keys: readonly PublicKey[]) => void
  readonly report: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** Bytes of an offer, and keys of one, that are looked at. */
const MAX_OFFER = 64 << 10
const MAX_KEYS = 16

/**
 * OpenSSH's way for a server to make more of its host keys known (PROTOCOL section 2.5): it lists them, and signs for
 * each that it is asked for, over this very session. One offer of a connection is looked at.
 */
export function createHostKeyUpdate(options: HostKeyUpdateOptions): HostKeyUpdate {
  const { sessionId, isWanted, learn, report } = options
  let asked: readonly PublicKey[] | undefined
  return {
    offered(offer) {
      if (asked !== undefined) return undefined
      asked = readKeys(offer, isWanted)
      if (asked.length === 0) return undefined
      return Buffer.concat(asked.map(({ blob }) => sshString(blob)))
    },
    answered(proofs) {
      const keys = asked ?? []
      if (proofs !== undefined && areProven(keys, proofs, sessionId)) return learn(keys)
      report('hostkeys.not-proven', { refused: proofs === undefined, keys: keys.length })
    },
  }
}

/** Returns the keys that are wanted and of a type that we know; a list that breaks off counts up to there. */
function readKeys(offer: Buffer, isWanted: (key: PublicKey) => boolean): readonly PublicKey[] {
  const keys = new Map<string, PublicKey>()
  if (offer.length > MAX_OFFER) return []
  const reader = createReader(offer)
  try {
    for (let read = 0; read < MAX_KEYS && reader.remaining > 0; read += 1) {
      const key = readKey(reader.string())
      if (key !== undefined && isWanted(key)) keys.set(key.blob.toString('base64'), key)
    }
  } catch {
    // What broke off was no key.
  }
  return [...keys.values()]
}

function readKey(blob: Buffer): PublicKey | undefined {
  try {
    return parsePublicKey(blob)
  } catch {
    return undefined
  }
}

/** One signature for each key, in the order in which they were asked for; one that is false taints all. */
function areProven(keys: readonly PublicKey[], proofs: Buffer, sessionId: Buffer): boolean {
  const context = Buffer.concat([sshString('hostkeys-prove-00@openssh.com'), sshString(sessionId)])
  const reader = createReader(proofs)
  try {
    const proven = keys.every((publicKey) => {
      const data = Buffer.concat([context, sshString(publicKey.blob)])
      return verifySignature({ publicKey, data, signatureBlob: reader.string() })
    })
    reader.end()
    return proven
  } catch {
    return false
  }
}
