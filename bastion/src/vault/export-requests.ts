import { randomBytes } from 'node:crypto'
import {
  checkApprover,
  checkRecipients,
  isSamePerson,
  type ExportedKey,
  type Vault,
  type VaultEntry,
} from '@sallyport/keys/vault'
import type { AuditLog } from '../audit/audit.ts'
import { refusalFrom, refused, type Refusal } from './refusal.ts'

/** Milliseconds that a request waits for its second person. */
const WAITS = 15 * 60 * 1000
/** Milliseconds that an approved file waits for whoever asked for it. */
const KEPT = 60 * 1000
const MOST = 16

export interface ExportAsked {
  readonly key: string
  /** The active version unless told. */
  readonly version?: number | undefined
  readonly recipients: readonly string[]
  /** The name of the person who asks, and so approves of it. */
  readonly approvedBy: string
}

/** A private key that one person has asked for. What it is about does not change from then on. */
export interface ExportRequest {
  readonly id: string
  readonly key: string
  readonly version: number
  readonly fingerprint: string
  readonly recipients: readonly string[]
  readonly askedBy: string
  /** ISO 8601, UTC. */
  readonly expiresAt: string
  readonly state: 'waiting' | 'approving' | 'ready'
}

export type Asked = { readonly kind: 'asked'; readonly request: ExportRequest } | Refusal
export type Decided = { readonly kind: 'decided'; readonly request: ExportRequest } | Refusal
export type Taken =
  | { readonly kind: 'waiting'; readonly request: ExportRequest }
  | { readonly kind: 'taken'; readonly file: string; readonly entry: VaultEntry }
  | Refusal

/**
 * Private keys are given out when two persons agree, each by a call of their own. `by` is where a call came from, for
 * the audit log. What is kept here meanwhile is sealed for the recipients, and is forgotten after a while.
 */
export interface ExportRequests {
  list(): readonly ExportRequest[]
  ask(asked: ExportAsked, by: string): Promise<Asked>
  /** Gives the key out, if another person approves than the one who asked. */
  approve(id: string, approvedBy: string, by: string): Promise<Decided>
  refuse(id: string, refusedBy: string, by: string): Decided
  /** Returns the age file, once. */
  take(id: string, by: string): Taken
  close(): void
}

export interface ExportRequestsOptions {
  readonly vault: Vault
  readonly audit: Pick<AuditLog, 'insist' | 'write'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Buffer
}

interface Pending {
  request: ExportRequest
  exported?: ExportedKey
  timer: NodeJS.Timeout
}

export function createExportRequests(options: ExportRequestsOptions): ExportRequests {
  const { vault, audit, now, random = randomBytes } = options
  const pending = new Map<string, Pending>()

  const forget = (id: string): void => {
    clearTimeout(pending.get(id)?.timer)
    pending.delete(id)
  }
  const expire = (id: string): void => {
    const found = pending.get(id)
    if (found === undefined || now() < Date.parse(found.request.expiresAt)) return
    if (found.request.state === 'approving') return
    forget(id)
    const { key, version, state } = found.request
    audit.write('vault.export-expired', { export: id, key, version, state })
  }
  /** Nobody may ask again, and what is kept is to be forgotten all the same. */
  const expireAfter = (id: string, milliseconds: number): NodeJS.Timeout =>
    setTimeout(() => expire(id), milliseconds + 1000).unref()
  const find = (id: string): Pending | Refusal => {
    expire(id)
    return pending.get(id) ?? refused(`no export ${id} waits; it may have ended`)
  }
  const end = (milliseconds: number): string => new Date(now() + milliseconds).toISOString()

  return {
    list() {
      for (const id of pending.keys()) expire(id)
      return [...pending.values()].map(({ request }) => request)
    },
    async ask(asked, by) {
      try {
        const askedBy = checkApprover(asked.approvedBy)
        const { recipients } = await checkRecipients(asked.recipients)
        for (const id of pending.keys()) expire(id)
        if (pending.size >= MOST) return refused(`${MOST} exports wait already`)
        const entry = vault
          .versions(asked.key)
          .find((one) => (asked.version === undefined ? one.active : one.version === asked.version))
        if (entry === undefined) {
          return refused(`the vault has no version ${asked.version} of "${asked.key}"`)
        }
        const id = random(12).toString('hex')
        const { version, fingerprint } = entry
        const about = { key: asked.key, version, fingerprint, recipients, askedBy }
        audit.insist('vault.export-asked', { export: id, ...about, by })
        const request = { id, ...about, expiresAt: end(WAITS), state: 'waiting' } as const
        pending.set(id, { request, timer: expireAfter(id, WAITS) })
        return { kind: 'asked', request }
      } catch (error) {
        return refusalFrom(error)
      }
    },
    async approve(id, given, by) {
      const found = find(id)
      if ('kind' in found) return found
      const { request } = found
      if (request.state !== 'waiting') return refused(`export ${id} was approved already`)
      const { key, version, recipients, askedBy } = request
      try {
        const approver = checkApprover(given)
        if (isSamePerson(approver, askedBy)) {
          return refused(`${askedBy} asked for it: another person must approve`)
        }
        found.request = { ...request, state: 'approving' }
        const approvedBy = [askedBy, approver]
        const exported = await vault.export(key, { recipients, approvedBy, version })
        const { fingerprint } = exported.entry
        audit.insist('vault.exported', {
          export: id,
          key,
          version,
          fingerprint,
          approvedBy,
          recipients,
          by,
        })
        found.exported = exported
        found.request = { ...request, state: 'ready', expiresAt: end(KEPT) }
        clearTimeout(found.timer)
        found.timer = expireAfter(id, KEPT)
        return { kind: 'decided', request: found.request }
      } catch (error) {
        found.request = request
        return refusalFrom(error)
      }
    },
    refuse(id, given, by) {
      const found = find(id)
      if ('kind' in found) return found
      if (found.request.state !== 'waiting') return refused(`export ${id} was approved already`)
      try {
        const refusedBy = checkApprover(given)
        const { key, version } = found.request
        audit.insist('vault.export-refused', { export: id, key, version, refusedBy, by })
        forget(id)
        return { kind: 'decided', request: found.request }
      } catch (error) {
        return refusalFrom(error)
      }
    },
    take(id, by) {
      const found = find(id)
      if ('kind' in found) return found
      const { exported, request } = found
      if (exported === undefined) return { kind: 'waiting', request }
      forget(id)
      audit.write('vault.export-taken', { export: id, key: request.key, by })
      return { kind: 'taken', file: exported.file, entry: exported.entry }
    },
    close() {
      for (const id of pending.keys()) forget(id)
    },
  }
}
