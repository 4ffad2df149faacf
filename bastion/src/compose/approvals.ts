import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openApprovals, type Approvals } from '../approve/index.ts'
import { createWebhook, type Webhook } from '../approve/webhook/index.ts'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import type { LiveRegister } from '../live/index.ts'
import type { AskApproval } from '../relay/roles.ts'
import type { Revocation } from '../revoke/index.ts'
import type { Passage } from '../stages.ts'
import type { Closers } from './closers.ts'

export interface ApprovalParts {
  readonly config: Config
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly closers: Closers
}

/** Opens the approvals, and the webhook that tells of them where one is configured. */
export async function composeApprovals(parts: ApprovalParts): Promise<Approvals> {
  const { config, audit, now, closers } = parts
  const notifier = await openWebhook(parts)
  if (notifier !== undefined) closers.add(() => notifier.close())
  const approvals = openApprovals({
    file: join(config.data, 'approvals.sqlite'),
    externalUrl: config.http.url,
    audit,
    now,
    ...(notifier === undefined ? {} : { notifier }),
  })
  closers.add(() => approvals.close())
  return approvals
}

async function openWebhook({ config, audit, now }: ApprovalParts): Promise<Webhook | undefined> {
  const { webhook } = config.approvals
  if (webhook === undefined) return undefined
  const secret = (await readFile(webhook.secretFile, 'utf8')).trim()
  return createWebhook({ url: webhook.url, secret, audit, now })
}

export interface EndingParts {
  readonly approvals: Approvals
  readonly live: LiveRegister
  readonly onRevoked: (callback: (revocation: Revocation) => void) => void
}

/** What ends together: a grant and what runs under it; somebody who is revoked and what waits for them. */
export function endTogether({ approvals, live, onRevoked }: EndingParts): void {
  approvals.onGrantEnded(({ grant, why }) => {
    if (!grant.endsSessions) return
    const reason = why === 'expired' ? 'its time is over' : 'it was taken back'
    live.endGranted(grant.id, `the grant for rule ${grant.rule} has ended: ${reason}`)
  })
  onRevoked(({ what, reason }) => {
    const text = `revoked: ${reason}`
    switch (what.kind) {
      case 'serial':
        return void approvals.revoke({ serial: BigInt(what.serial) }, text)
      case 'identity':
        return void approvals.revoke({ name: what.identity }, text)
      case 'subject':
        return void approvals.revoke({ issuer: what.issuer, subject: what.subject }, text)
      case 'key':
        // What waits under a key ends with its connections, which have just been ended.
        return undefined
    }
  })
}

/** Returns how one passage asks for approval. */
export function approverFor(
  approvals: Approvals,
): (passage: Passage, recordingId: string) => AskApproval {
  return ({ connectionId, authenticated, route }, recordingId) => {
    const { identity, certificate, clientAddress } = authenticated
    return (ask) => {
      const asked = approvals.ask({
        connectionId,
        recordingId,
        identity,
        serial: certificate.serial,
        target: route.target.name,
        login: route.login.login,
        clientAddress,
        ...ask,
      })
      if (asked.kind !== 'granted') return asked
      const { id, endsSessions } = asked.grant
      const endsWith = endsSessions ? id : undefined
      return { kind: 'granted', by: `grant ${id}`, send: asked.send, endsWith }
    }
  }
}
