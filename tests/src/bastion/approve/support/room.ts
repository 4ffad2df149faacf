import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApprovals } from '@sallyport/bastion/approve'
import type {
  ApprovalAsk,
  Approvals,
  ApprovalsOptions,
  Approver,
  Pending,
  Verdict,
} from '@sallyport/bastion/approve'
import type { ApprovalTerms } from '@sallyport/bastion/decide'

export const START = Date.UTC(2026, 10, 26, 12)

/** A clock that tests move; timers ring when it passes them. */
export class TestClock {
  time = START
  readonly #timers = new Set<{ at: number; callback: () => void }>()

  readonly now = (): number => this.time

  readonly setTimer = (milliseconds: number, callback: () => void): (() => void) => {
    const timer = { at: this.time + milliseconds, callback }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  advance(milliseconds: number): void {
    const end = this.time + milliseconds
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.time = Math.max(this.time, due.at)
      due.callback()
    }
    this.time = end
  }

  get waiting(): number {
    return this.#timers.size
  }
}

export interface Line {
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Approvals over a folder of their own, which `end` removes. */
export class Room {
  readonly clock = new TestClock()
  readonly lines: Line[] = []
  readonly folder = mkdtempSync(join(tmpdir(), 'approve-'))
  readonly file = join(this.folder, 'approvals.sqlite')
  readonly #options: Partial<ApprovalsOptions>
  approvals: Approvals

  constructor(options: Partial<ApprovalsOptions> = {}) {
    this.#options = options
    this.approvals = this.open()
  }

  open(file = this.file): Approvals {
    return openApprovals({
      file,
      externalUrl: 'https://bastion.example',
      audit: { write: (event, detail) => void this.lines.push({ event, detail }) },
      now: this.clock.now,
      setTimer: this.clock.setTimer,
      ...this.#options,
    })
  }

  restart(): void {
    this.approvals.close()
    this.approvals = this.open()
  }

  pending(values: Partial<ApprovalAsk> = {}, ...all: Partial<ApprovalTerms>[]): Pending {
    const asked = this.approvals.ask(ask(values, ...all))
    assert.ok(asked.kind === 'pending', JSON.stringify(asked))
    return asked
  }

  /** Decides as somebody who was shown the ticket as it is now. */
  decide(
    ticket: string,
    approver: Approver,
    verdict: Partial<Verdict> = {},
  ): ReturnType<Approvals['decide']> {
    const digest = this.approvals.get(ticket)?.digest ?? ''
    const rest = { reason: '', grantSeconds: 0, ...verdict }
    return this.approvals.decide(ticket, approver, { verdict: 'approve', digest, ...rest })
  }

  events(): readonly string[] {
    return this.lines.map(({ event }) => event)
  }

  end(): void {
    this.approvals.close()
    rmSync(this.folder, { recursive: true })
  }
}

export function terms(values: Partial<ApprovalTerms> = {}): ApprovalTerms {
  return {
    by: { groups: ['sre'], identities: [] },
    count: 1,
    ttl: 60,
    reasonRequired: false,
    grant: 0,
    endsSessions: false,
    ...values,
  }
}

export function ask(
  values: Partial<ApprovalAsk> = {},
  ...all: Partial<ApprovalTerms>[]
): ApprovalAsk {
  return {
    connectionId: 'c1',
    recordingId: 'rec_00000001',
    channel: 0,
    identity: {
      name: 'ci/deploy',
      groups: ['ci'],
      claims: { repository: 'acme/shop' },
      issuer: 'github',
      subject: 'repo:acme/shop',
    },
    target: 'web-1',
    login: 'deploy',
    clientAddress: '192.0.2.17',
    held: {
      effect: 'approve',
      rule: 'restart',
      terms: (all.length === 0 ? [{}] : all).map(terms),
      judged: true,
      commands: [['systemctl', 'restart', 'shop']],
      send: Buffer.from("'systemctl' 'restart' 'shop'"),
      reason: 'rule restart asks for approval',
    },
    title: 'systemctl restart shop',
    variables: [],
    before: ['uptime'],
    ...values,
  }
}

export function person(name: string, ...groups: readonly string[]): Approver {
  return { issuer: 'https://id.example', subject: name, name: `Ms ${name}`, identity: name, groups }
}
