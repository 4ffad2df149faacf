import type { HostKeyAddition, HostKeyOutcome, HostKeyStore } from '@sallyport/keys/hostkeys'
import { fingerprint, type PublicKey } from '@sallyport/keys/publickey'
import type { Audit } from '../audit/audit.ts'
import type { TargetEntry } from '../config/config.ts'
import { viewHostKey, viewTarget, type HostKeyView, type TargetView } from './view.ts'

/** Who does it, how that is known, and why. */
export interface TargetActor {
  readonly by: string
  readonly reason: string
}

export interface Pins {
  readonly keys: readonly HostKeyAddition[]
  readonly source: 'known_hosts' | 'paste'
}

export type TargetAnswer =
  | {
      readonly kind: 'done'
      readonly target: TargetView
      /** The keys that are new, or in another state than before. */
      readonly changed: readonly HostKeyView[]
      /** What a scan was shown, known before or not. */
      readonly shown?: readonly string[]
    }
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string }

/** What people do about the host keys of targets. Every change is in the audit log with who made it. */
export interface TargetDesk {
  list(): readonly TargetView[]
  show(name: string): TargetAnswer
  pin(name: string, pins: Pins, actor: TargetActor): Promise<TargetAnswer>
  /** Asks the target for its host keys and keeps them as candidates. Throws when it cannot be reached. */
  scan(name: string, by: string): Promise<TargetAnswer>
  approve(name: string, fingerprint: string, actor: TargetActor): Promise<TargetAnswer>
  revoke(name: string, fingerprint: string, actor: TargetActor): Promise<TargetAnswer>
  release(name: string, actor: TargetActor): Promise<TargetAnswer>
}

export interface TargetDeskOptions {
  readonly targets: readonly TargetEntry[]
  readonly store: HostKeyStore
  readonly audit: Audit
  readonly scanHostKeys: (target: TargetEntry) => Promise<readonly PublicKey[]>
}

/** Returns the desk for the targets of a configuration. */
export function createTargetDesk(options: TargetDeskOptions): TargetDesk {
  const { targets, store, audit, scanHostKeys } = options
  const find = (name: string): TargetEntry | undefined => targets.find((one) => one.name === name)

  /** Looks up the target, makes the change, and writes down what came of it. */
  const change = async (
    name: string,
    verb: string,
    detail: Readonly<Record<string, unknown>>,
    make: (entry: TargetEntry) => Promise<HostKeyOutcome>,
  ): Promise<TargetAnswer> => {
    const entry = find(name)
    if (entry === undefined) return unknown(name)
    const quarantine = store.isQuarantined(name)
    const outcome = await make(entry)
    if (outcome.kind === 'refused') {
      const message = `target ${name}: ${outcome.message}`
      audit.write('target.change-refused', { target: name, verb, ...detail, reason: message })
      return { kind: 'refused', message }
    }
    const changed = outcome.records.map(viewHostKey)
    const keys = changed.map((each) => ({ fingerprint: each.fingerprint, state: each.state }))
    const ended = quarantine !== undefined && store.isQuarantined(name) === undefined
    audit.write(`target.${verb}`, { target: name, ...detail, keys, endedQuarantine: ended })
    return { kind: 'done', target: viewTarget(entry, store), changed }
  }

  return {
    list: () => targets.map((entry) => viewTarget(entry, store)),
    show(name) {
      const entry = find(name)
      if (entry === undefined) return unknown(name)
      return { kind: 'done', target: viewTarget(entry, store), changed: [] }
    },
    pin: async (name, { keys, source }, actor) =>
      change(name, 'pinned', { source, ...actor }, () => store.pin(name, keys, source, actor)),
    async scan(name, by) {
      let shown: readonly string[] = []
      const answer = await change(name, 'scanned', { by }, async (entry) => {
        const keys = await scanHostKeys(entry)
        if (keys.length === 0) return { kind: 'refused', message: 'it showed no host key' }
        shown = keys.map(({ blob }) => fingerprint(blob))
        return store.addCandidates(name, keys, 'scan', by)
      })
      return answer.kind === 'done' ? { ...answer, shown } : answer
    },
    approve: async (name, key, actor) =>
      change(name, 'approved', { key, ...actor }, () => store.approve(name, key, actor)),
    revoke: async (name, key, actor) =>
      change(name, 'revoked', { key, ...actor }, async () => {
        const { outcome, written } = store.revoke(name, key, actor)
        await written
        return outcome
      }),
    release: async (name, actor) =>
      change(name, 'released', { ...actor }, () => store.release(name)),
  }
}

function unknown(name: string): TargetAnswer {
  return { kind: 'unknown', message: `there is no target named ${JSON.stringify(name)}` }
}
