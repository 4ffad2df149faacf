import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openApprovals, type Approvals } from '../approve/index.ts'
import { createWebhook, type Webhook } from '../approve/webhook/index.ts'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import type { AskApproval } from '../relay/roles.ts'
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
      return { kind: 'granted', by: `grant ${asked.grant.id}`, send: asked.send }
    }
  }
}
