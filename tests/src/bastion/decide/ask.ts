import assert from 'node:assert/strict'
import {
  parsePolicy,
  type Decision,
  type DecisionQuestion,
  type DecisionScope,
  type Policy,
  type PolicyProblem,
} from '@sallyport/bastion/decide'

export const agent: DecisionScope = {
  identity: {
    name: 'shop-ci',
    groups: ['ci', 'builders'],
    claims: { repository: 'acme/shop', ref: 'refs/heads/main', run: 42, teams: ['web', 'ops'] },
    issuer: 'https://issuer.example',
    subject: 'repo:acme/shop:ref:refs/heads/main',
  },
  target: { name: 'web-1', labels: { env: 'staging', role: 'web' } },
  login: 'deploy',
}

/** Returns the policy of rules in YAML flow style, one per line. */
export function policyOf(...rules: readonly string[]): Policy {
  const parsed = parsePolicy(textOf(rules))
  assert.equal(parsed.kind, 'policy', JSON.stringify(parsed))
  assert.ok(parsed.kind === 'policy')
  return parsed.policy
}

/** Returns the problems of such a policy; rule N stands on line N + 2. */
export function problemsOf(...rules: readonly string[]): readonly PolicyProblem[] {
  const parsed = parsePolicy(textOf(rules))
  assert.ok(parsed.kind === 'invalid', 'the policy should not load')
  return parsed.problems
}

function textOf(rules: readonly string[]): string {
  return ['version: 1', 'rules:', ...rules.map((rule) => `  - ${rule}`), ''].join('\n')
}

export function ask(
  policy: Policy,
  question: DecisionQuestion,
  scope: DecisionScope = agent,
): Decision {
  return policy.decide({ ...scope, ...question })
}

export function askExec(policy: Policy, command: string, scope: DecisionScope = agent): Decision {
  return ask(policy, { kind: 'exec', command: Buffer.from(command, 'utf8') }, scope)
}

/** Returns the canonical text of an allowed line, or `rule: message` of a denied one. */
export function outcome(policy: Policy, command: string, scope: DecisionScope = agent): string {
  const decision = askExec(policy, command, scope)
  return decision.effect === 'deny'
    ? `${decision.rule}: ${decision.message}`
    : `${decision.rule}: ${decision.send?.toString('utf8') ?? ''}`
}

export function allows(policy: Policy, command: string, scope: DecisionScope = agent): boolean {
  return askExec(policy, command, scope).effect === 'allow'
}

/** Checks which lines a policy allows. */
export function checkLines(policy: Policy, lines: Readonly<Record<string, boolean>>): void {
  for (const [line, wanted] of Object.entries(lines))
    assert.equal(allows(policy, line), wanted, line)
}
