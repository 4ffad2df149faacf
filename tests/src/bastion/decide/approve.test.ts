import assert from 'node:assert/strict'
import type { Decision, DecisionScope, Policy } from '@sallyport/bastion/decide'
import { agent, ask, askExec, policyOf, problemsOf } from './ask.ts'

const by = 'approve: {by: {groups: [sre]}}'
const run = (id: string, argv: string, more = by): string =>
  `{id: ${id}, effect: approve, ${more}, run: {argv: [${argv}]}}`

const brief = (decision: Decision): string =>
  `${decision.effect} ${decision.rule}` +
  (decision.effect === 'deny' ? '' : ` ${decision.judged} ${decision.send?.toString() ?? ''}`)

const briefExec = (policy: Policy, line: string, scope: DecisionScope = agent): string =>
  brief(askExec(policy, line, scope))

describe('approve rules', () => {
  const reload = run('reload', 'systemctl, reload, x')
  const allow = '{id: all, effect: allow, run: {argv: [{any: true}], rest: any}}'
  const deny =
    '{id: no, effect: deny, who: {groups: [ci]}, run: {argv: [systemctl, {any: true}, x]}}'

  it('hold a line whose commands all have a rule, with our own text', () => {
    const decision = askExec(policyOf(reload), ' systemctl  "reload" x')
    assert.ok(decision.effect === 'approve')
    assert.deepEqual(decision.commands, [['systemctl', 'reload', 'x']])
    assert.equal(decision.send.toString(), "'systemctl' 'reload' 'x'")
    assert.equal(decision.judged, true)
    assert.deepEqual(decision.terms, [
      {
        by: { groups: ['sre'], identities: [] },
        count: 1,
        ttl: 600,
        reasonRequired: false,
        grant: 0,
        endsSessions: false,
      },
    ])
    assert.match(decision.reason, /^rule reload \(line 3\) asks for approval/)
  })

  it('are stronger than allow rules and weaker than deny rules, whatever the order', () => {
    for (const rules of [
      [reload, allow],
      [allow, reload],
    ])
      assert.equal(
        briefExec(policyOf(...rules), 'systemctl reload x'),
        "approve reload true 'systemctl' 'reload' 'x'",
      )
    assert.equal(briefExec(policyOf(allow, reload, deny), 'systemctl reload x'), 'deny no')
    assert.equal(
      briefExec(policyOf(allow, reload), 'id && systemctl reload x'),
      "approve reload true 'id' && 'systemctl' 'reload' 'x'",
    )
    assert.equal(briefExec(policyOf(reload), 'id && systemctl reload x'), 'deny default')
    assert.equal(briefExec(policyOf(reload), 'systemctl reload y'), 'deny default')
  })

  it('are narrow like allow rules: their patterns cover no option and no way up', () => {
    const policy = policyOf(run('a', 'cat, {path: "/srv/**"}'), run('b', 'ls, {glob: "*"}'))
    assert.equal(briefExec(policy, 'cat /srv/x'), "approve a true 'cat' '/srv/x'")
    assert.equal(briefExec(policy, 'cat /srv/../srv/x'), 'deny default')
    assert.equal(briefExec(policy, 'ls a/b'), 'deny default')
    assert.equal(briefExec(policy, 'ls -la'), 'deny default')
    assert.equal(briefExec(policy, '/bin/ls x'), 'deny default')
    assert.equal(briefExec(policy, 'ls x >/etc/x'), 'deny default')
  })

  it('ask for all that match, each once', () => {
    const policy = policyOf(
      run('a', 'x', 'approve: {by: {groups: [sre]}, count: 2, ttl: 90s}'),
      run('b', '{glob: "?"}', 'approve: {by: {identities: [ann, bob]}, reason_required: true}'),
      allow,
    )
    const decision = askExec(policy, 'x; x; id')
    assert.ok(decision.effect === 'approve')
    assert.equal(decision.rule, 'a,b')
    assert.deepEqual(
      decision.terms.map(({ count, ttl, reasonRequired }) => [count, ttl, reasonRequired]),
      [
        [2, 90, false],
        [1, 600, true],
      ],
    )
  })

  it('speak only of whom they name', () => {
    const policy = policyOf(run('a', 'x', `${by}, who: {groups: [builders]}`))
    const stranger = { ...agent, identity: { ...agent.identity, groups: [] } }
    assert.equal(briefExec(policy, 'x'), "approve a true 'x'")
    assert.equal(briefExec(policy, 'x', stranger), 'deny default')
    assert.equal(policy.reaches(agent), true)
    assert.equal(policy.reaches(stranger), false)
  })

  it('are not passed by because another command of the line is let through unjudged', () => {
    const trusted = '{id: t, effect: allow, unresolved: allow}'
    const policy = policyOf(reload, trusted)
    assert.equal(briefExec(policy, 'foo'), 'allow t false foo')
    assert.equal(briefExec(policy, 'systemctl reload x; foo'), 'deny default')
    assert.equal(briefExec(policy, 'foo; systemctl reload x'), 'deny default')
    assert.equal(briefExec(policy, 'eval foo; systemctl reload x'), 'deny unparsable')
    const review = `{id: r, effect: approve, ${by}, unresolved: {}}`
    assert.equal(
      briefExec(policyOf(reload, trusted, review), 'foo; systemctl reload x'),
      'approve reload,r false foo; systemctl reload x',
    )
  })

  it('hold subsystems and shells, and have words for what people are asked', () => {
    const policy = policyOf(
      `{id: f, effect: approve, ${by}, subsystem: [sftp]}`,
      `{id: g, effect: approve, ${by}, shell: {pty: false, mode: guarded}}`,
      `{id: o, effect: approve, ${by}, shell: {pty: true, mode: observed}}`,
    )
    assert.equal(
      brief(ask(policy, { kind: 'subsystem', name: 'sftp' })),
      'approve f true the subsystem "sftp"',
    )
    assert.equal(
      brief(ask(policy, { kind: 'shell', pty: false })),
      'approve g true a guarded shell without a terminal',
    )
    assert.equal(
      brief(ask(policy, { kind: 'shell', pty: true })),
      'approve o false an observed shell with a terminal',
    )
    assert.equal(brief(ask(policy, { kind: 'subsystem', name: 'x' })), 'deny default')
  })

  it('show people lines that nobody resolved, as long as they can read them', () => {
    const review = `{id: r, effect: approve, ${by}, unresolved: {max_bytes: 40}}`
    const policy = policyOf(review, '{id: t, effect: allow, unresolved: allow}')
    const loop = 'for f in *; do x "$f"; done'
    assert.equal(briefExec(policy, loop), `approve r false ${loop}`)
    assert.equal(briefExec(policy, 'eval  x'), 'approve r false eval  x')
    assert.equal(briefExec(policy, `echo $x ${'a'.repeat(33)}`), 'deny unparsable')
    for (const line of ['echo $x\r', 'echo $x \u202e', 'echo $x \u200b', 'x\0'])
      assert.equal(briefExec(policy, line), 'deny bytes', JSON.stringify(line))
    assert.equal(
      briefExec(policyOf(review, '{id: no, effect: deny, run: {argv: [rm]}}'), 'rm x'),
      'deny no',
    )
    assert.equal(brief(ask(policyOf(review), { kind: 'subsystem', name: 'sftp' })), 'deny default')
  })
})

describe('the approve block', () => {
  const complaints = (...rules: readonly string[]): readonly string[] =>
    problemsOf(...rules).map(
      ({ path, message }) => `${path.replace(/^rules\.0\.?/, '')}: ${message}`,
    )
  const block = (fields: string): readonly string[] =>
    complaints(run('a', 'x', `approve: {by: {groups: [sre]}, ${fields}}`))

  it('reads durations', () => {
    const more = 'approve: {by: {groups: [sre]}, ttl: 1h, grant: 12h, ends_sessions: true}'
    const decision = askExec(policyOf(run('a', 'x', more)), 'x')
    assert.ok(decision.effect === 'approve')
    const [{ ttl, grant, endsSessions } = {}] = decision.terms
    assert.deepEqual([ttl, grant, endsSessions], [3600, 43_200, true])
  })

  it('belongs to approve rules alone', () => {
    assert.deepEqual(complaints('{id: a, effect: approve, run: {argv: [x]}}'), [
      'effect: an approve rule says who approves: approve: {by: …}',
    ])
    for (const effect of ['allow', 'deny'])
      assert.deepEqual(complaints(`{id: a, effect: ${effect}, ${by}, run: {argv: [x]}}`), [
        'approve: only a rule with effect: approve has this',
      ])
  })

  it('is for what can wait', () => {
    for (const subject of [
      'agent: true',
      'x11: true',
      'env: {A: b}',
      'forward: {streamlocal: [/x]}',
    ])
      assert.match(
        complaints(`{id: a, effect: approve, ${by}, ${subject}}`).join(),
        /^effect: \w+ cannot wait for people/,
      )
  })

  it('is refused where it says nothing, or too much', () => {
    assert.deepEqual(block('ttl: 61m'), ['approve.ttl: this is longer than 1h'])
    assert.deepEqual(block('grant: 13h'), ['approve.grant: this is longer than 12h'])
    for (const ttl of ['0s', '10', '1d', '1.5h', '-1m', '99999999s', '10 m', "''"])
      assert.equal(block(`ttl: ${ttl}`).length, 1, ttl)
    assert.deepEqual(block('count: 0').length, 1)
    assert.deepEqual(block('ends_sessions: true'), [
      'approve.ends_sessions: without a grant there is nothing that could end',
    ])
    assert.deepEqual(block('not_self: true'), ['approve.not_self: unknown key not_self'])
    assert.deepEqual(complaints(run('a', 'x', 'approve: {by: {}}')), [
      'approve.by: say who: groups, identities or both',
    ])
    assert.deepEqual(
      complaints(run('a', 'x', 'approve: {by: {identities: [ann, ann]}, count: 2}')),
      ['approve.count: more approvals than there are approvers'],
    )
  })

  it('goes with a bounded text where nothing was resolved', () => {
    assert.match(
      complaints(`{id: a, effect: approve, ${by}, unresolved: allow}`).join(),
      /^unresolved: people are asked about a text/,
    )
    assert.match(
      complaints('{id: a, effect: allow, unresolved: {max_bytes: 10}}').join(),
      /^unresolved: with effect: allow/,
    )
    assert.equal(
      complaints(`{id: a, effect: approve, ${by}, unresolved: {max_bytes: 9999}}`).length,
      1,
    )
    const decision = askExec(
      policyOf(`{id: a, effect: approve, ${by}, unresolved: {}}`),
      `$x${' '.repeat(2046)}`,
    )
    assert.equal(decision.effect, 'approve')
  })
})
