import { createPolicy, type ApprovalTerms, type Policy } from '@sallyport/bastion/decide'
import { compileRule, type CompiledRule, type RuleDocument } from '@sallyport/bastion/decide/rules'

export const terms: ApprovalTerms = {
  by: { groups: ['sre'], identities: [] },
  count: 1,
  ttl: 600,
  reasonRequired: false,
  grant: 0,
  endsSessions: false,
}

/** Returns the policy of rules as they are after reading; approve rules get terms, or none. */
export function policyWith(
  documents: Readonly<Record<string, Omit<RuleDocument, 'id'>>>,
  approval: (id: string) => ApprovalTerms | undefined = () => terms,
): Policy {
  const rules = Object.entries(documents).map(([id, document]) => {
    const rule = compileRule({ ...document, id }, `place of ${id}`)
    return rule.effect === 'approve' ? withTerms(rule, approval(id)) : rule
  })
  return createPolicy({ rules, revision: 'test' })
}

function withTerms(rule: CompiledRule, approval: ApprovalTerms | undefined): CompiledRule {
  return approval === undefined || rule.kind === 'question' ? rule : { ...rule, approval }
}
