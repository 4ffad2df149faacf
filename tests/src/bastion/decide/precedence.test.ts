import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Decision } from '@sallyport/bastion/decide'
import { askExec, policyOf } from './ask.ts'

interface Drawn {
  readonly effect: 'allow' | 'approve' | 'deny'
  readonly program: string
  readonly group: string
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  effect: fc.constantFrom('allow', 'approve', 'deny'),
  program: fc.constantFrom('a', 'b', 'c'),
  group: fc.constantFrom('ci', 'builders', 'strangers'),
})

const idsOf = (rules: readonly Drawn[], wanted: (rule: Drawn) => boolean): readonly string[] =>
  rules.flatMap((rule, at) => (wanted(rule) && rule.group !== 'strangers' ? [`r${at}`] : []))

function expected(rules: readonly Drawn[], line: readonly string[]): string {
  const of = (effect: string, program: string): readonly string[] =>
    idsOf(rules, (rule) => rule.effect === effect && rule.program === program)
  const denying = line.flatMap((program) => of('deny', program).slice(0, 1))
  if (denying[0] !== undefined) return `deny ${denying[0]}`
  const asking = line.flatMap((program) => of('approve', program))
  const covered = line.map((program) => [...of('approve', program), ...of('allow', program)][0])
  if (covered.includes(undefined)) return 'deny default'
  const ids = asking.length > 0 ? asking : covered
  return `${asking.length > 0 ? 'approve' : 'allow'} ${[...new Set(ids)].join(',')}`
}

const found = (decision: Decision): string => `${decision.effect} ${decision.rule}`

describe('the strictest rule', () => {
  it('decides, whatever the order of rules and commands', () => {
    const rules = fc.uniqueArray(drawn, { maxLength: 8, selector: (rule) => JSON.stringify(rule) })
    const line = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
    const seen = new Set<string>()
    fc.assert(
      fc.property(rules, line, (written, programs) => {
        const policy = policyOf(
          '{id: agent, effect: allow, agent: true}',
          ...written.map(
            ({ effect, program, group }, at) =>
              `{id: r${at}, effect: ${effect}, who: {groups: [${group}]}, ` +
              `${effect === 'approve' ? 'approve: {by: {groups: [sre]}}, ' : ''}run: {argv: [${program}]}}`,
          ),
        )
        const decision = askExec(policy, programs.join('; '))
        assert.equal(found(decision), expected(written, programs))
        if (decision.effect === 'approve')
          assert.equal(decision.terms.length, decision.rule.split(',').length)
        seen.add(decision.effect)
      }),
      { numRuns: 1500 },
    )
    assert.deepEqual([...seen].toSorted(), ['allow', 'approve', 'deny'])
  })
})
