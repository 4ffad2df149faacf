import {
  checkHostKey,
  hostKeyAlgorithms,
  openHostKeyStore,
  type HostKeyRefusal,
  type HostKeyStore,
  type Quarantine,
} from '@sallyport/keys/hostkeys'
import { fingerprint, parsePublicKeyLine, type PublicKey } from '@sallyport/keys/publickey'
import { join } from 'node:path'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import { BastionError } from '../errors.ts'
import type { HostKeyUpdate } from '../relay/roles.ts'
import { createHostKeyUpdate } from '../route/host-key-update.ts'
import type { Target } from '../route/target.ts'
import type { HostKeyTrust } from '../route/upstream.ts'

export interface HostKeysOptions {
  readonly store: HostKeyStore
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What connections to targets ask about host keys. */
export interface HostKeys {
  trust(target: Target): HostKeyTrust
  /** Learns candidates from the target of one connection. */
  update(target: Target, connectionId: string, sessionId: Buffer): HostKeyUpdate
}

/** Opens the store of host keys with the pins of the configuration. Throws for a pin that is no key. */
export function openHostKeys(config: Config, now: () => number): Promise<HostKeyStore> {
  const configured = new Map(config.targets.map(({ name, hostKeys }) => [name, hostKeys]))
  return openHostKeyStore({
    file: join(config.data, 'hostkeys.json'),
    configured: new Map([...configured].map(([name, lines]) => [name, keysOf(name, lines)])),
    now,
  })
}

/** Returns what decides on host keys. Pins are kept under the target's name: its address may change, who it is may not. */
export function createHostKeys({ store, audit, now }: HostKeysOptions): HostKeys {
  const notWritten = (target: string, event: string) => (error: unknown) =>
    audit.write('hostkeys.not-written', { target, event, error })

  /** Returns the reason that the agent hears, and when the quarantine is on the disk. */
  const quarantined = (
    name: string,
    refusal: HostKeyRefusal,
  ): { readonly reason: string; readonly written: Promise<void> } => {
    const { expected, offered, publicKey, reason } = refusal
    const mismatch = { expected, offered, ...(publicKey && { publicKey }) }
    const { outcome, written } = store.quarantine(name, mismatch)
    const { since } = outcome
    audit.write('target.quarantined', { target: name, expected, offered, since, reason })
    return {
      reason: inQuarantine(reason, outcome),
      written: written.catch(notWritten(name, 'target.quarantined')),
    }
  }

  return {
    trust({ name, address }) {
      const quarantine = store.isQuarantined(name)
      let shown: PublicKey | undefined
      let settled: Promise<void> | undefined
      return {
        barred: quarantine && inQuarantine(mismatchOf(quarantine), quarantine),
        algorithms: hostKeyAlgorithms(store.records(name)),
        check(hostKey) {
          const records = store.records(name)
          const names = [name, address]
          const verdict = checkHostKey({ records, hostKey, names, now: now() / 1000 })
          if (verdict.kind !== 'refused') {
            shown = verdict.publicKey
            return { kind: 'pinned' }
          }
          const suspicious = verdict.code === 'mismatch' || verdict.code === 'revoked'
          if (!suspicious) return verdict
          const { reason, written } = quarantined(name, verdict)
          settled = written
          return { kind: 'refused', reason }
        },
        settled: async () => settled,
        proven() {
          if (shown !== undefined) store.seen(name, shown).catch(notWritten(name, 'hostkeys.seen'))
        },
      }
    },
    update({ name }, connectionId, sessionId) {
      const report = (event: string, detail: Readonly<Record<string, unknown>>): void =>
        audit.write(event, { connectionId, target: name, ...detail })
      return createHostKeyUpdate({
        sessionId,
        isWanted({ type, blob }) {
          const records = store.records(name)
          if (records.some((each) => each.publicKey.blob.equals(blob))) return false
          // OpenSSH signs with SHA-1 for a client that has asked for no RSA host key, which would prove nothing.
          const algorithms = hostKeyAlgorithms(records)
          return type !== 'ssh-rsa' || algorithms.some((each) => each.startsWith('rsa-sha2-'))
        },
        learn(keys) {
          const fingerprints = keys.map(({ blob }) => fingerprint(blob))
          report('hostkeys.learned', { candidates: fingerprints })
          store
            .addCandidates(name, keys, 'update', `target ${name}`)
            .catch(notWritten(name, 'hostkeys.learned'))
        },
        report,
      })
    },
  }
}

function keysOf(name: string, lines: readonly string[]): readonly PublicKey[] {
  return lines.map((line) => {
    try {
      return parsePublicKeyLine(line)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      const text = `the configuration pins something for target ${name} that is no host key: ${problem}`
      throw new BastionError('ERR_BASTION_CONFIG', text, error)
    }
  })
}

function mismatchOf({ expected, offered }: Quarantine): string {
  return `its host key is ${offered}, pinned is ${expected.join(' or ') || 'none'}`
}

/** The agent reads it, and can only wait: what to do about it is for people with the fingerprints before them. */
function inQuarantine(reason: string, { since }: Quarantine): string {
  return `${reason}; in quarantine since ${since}, until an admin approves the key or releases the target`
}
