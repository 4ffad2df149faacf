import type { ApprovalOutcome, PendingApproval } from './roles.ts'

/** What an agent is told while it waits. */
export function waitingLines(rule: string, approval: PendingApproval): readonly string[] {
  const { waitsFor, expiresAt, link } = approval
  const until = new Date(expiresAt).toISOString().slice(11, 19)
  return [
    `sallyport: rule ${rule} asks for approval by ${waitsFor}; waiting until ${until} UTC`,
    `sallyport: ${link}`,
  ]
}

/** Why what was asked for does not go on. */
export function whyNot(outcome: Exclude<ApprovalOutcome, { readonly kind: 'approved' }>): string {
  switch (outcome.kind) {
    case 'refused':
      return `refused by ${outcome.by}${outcome.reason === '' ? '' : `: ${outcome.reason}`}`
    case 'expired':
      return 'nobody approved it in time'
    case 'cancelled':
      return outcome.reason
  }
}
