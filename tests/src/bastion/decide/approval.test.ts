import assert from 'node:assert/strict'
import type { ApprovalTerms } from '@sallyport/bastion/decide'
import { askExec, outcome } from './ask.ts'
import { policyWith, terms } from './rules-of.ts'

describe('rules that ask for approval', () => {
  const other: ApprovalTerms = { ...terms, count: 2 }
  const policy = policyWith(
    {
      id: { effect: 'allow', run: { argv: ['id'] } },
      all: { effect: 'allow', run: { argv: ['systemctl'], rest: 'any' } },
      restart: {
        effect: 'approve',
        run: { as: ['root'], argv: ['systemctl', 'restart', { any: true }] },
      },
      stop: { effect: 'approve', run: { argv: ['systemctl', 'stop', { any: true }] } },
      also: { effect: 'approve', run: { argv: [{ oneOf: ['systemctl', 'ls'] }, 'stop', 'x'] } },
      sudo: { effect: 'allow', run: { argv: ['sudo'], rest: 'any' } },
      no: { effect: 'deny', run: { argv: ['systemctl', 'sshd'] } },
    },
    (id) => (id === 'also' ? other : terms),
  )

  it('hold a line until all of their terms are met', () => {
    const line = 'id && systemctl stop x'
    assert.deepEqual(askExec(policy, line), {
      effect: 'approve',
      rule: 'stop,also',
      terms: [terms, other],
      judged: true,
      commands: [['id'], ['systemctl', 'stop', 'x']],
      send: Buffer.from("'id' && 'systemctl' 'stop' 'x'"),
      reason: 'rule id (place of id), rule stop (place of stop), rule also (place of also)',
    })
  })

  it('are stricter than allow and less strict than deny, on every level', () => {
    const effects: Readonly<Record<string, string>> = {
      'systemctl status x': 'allow all',
      'systemctl stop y': 'approve stop',
      'sudo systemctl restart x': 'approve restart',
      "sudo sh -c 'systemctl restart x'": 'approve restart',
      'systemctl restart x': 'allow all',
      'sudo ls': 'allow sudo',
      'id; systemctl stop y; sudo systemctl restart x': 'approve stop,restart',
      'systemctl stop y; ls': 'deny default',
      'systemctl stop sshd': 'deny no',
      'sudo systemctl restart sshd': 'deny no',
      'systemctl stop y; eval x': 'deny unparsable',
      'systemctl stop $y': 'deny unparsable',
    }
    for (const [line, wanted] of Object.entries(effects)) {
      const { effect, rule } = askExec(policy, line)
      assert.equal(`${effect} ${rule}`, wanted, line)
    }
  })

  it('add up where the whole and what it runs both ask', () => {
    const both = policyWith(
      {
        outer: { effect: 'approve', run: { argv: ['sudo'], rest: 'any' } },
        inner: { effect: 'approve', run: { as: ['root'], argv: ['id'], clean_env: true } },
      },
      (id) => (id === 'inner' ? other : terms),
    )
    const decision = askExec(both, 'sudo id')
    assert.ok(decision.effect === 'approve')
    assert.equal(decision.rule, 'outer,inner')
    assert.deepEqual(decision.terms, [terms, other])
    assert.match(decision.send.toString(), /^'\/usr\/bin\/env' '-i' .* 'sudo' 'id'$/)
    assert.equal(askExec(both, 'sudo ls').rule, 'outer')
  })

  it('deny where nobody could approve', () => {
    const nobody = policyWith({ a: { effect: 'approve', run: { argv: ['id'] } } }, () => undefined)
    assert.equal(outcome(nobody, 'id'), 'a: nobody is named who could approve this')
  })

  it('hold a text that nobody could resolve, byte for byte', () => {
    const review = policyWith({
      deny: { effect: 'deny', run: { argv: ['rm'] } },
      trust: { effect: 'allow', unresolved: 'allow' },
      review: { effect: 'approve', unresolved: 'allow' },
    })
    const text = 'for f in *; do\r gzip "$f"; done'
    const decision = askExec(review, text)
    assert.deepEqual(decision, {
      effect: 'approve',
      rule: 'review',
      terms: [terms],
      judged: false,
      commands: [],
      send: Buffer.from(text),
      reason:
        'NOT JUDGED, to be sent as it came, by rule review (place of review); otherwise: ' +
        'the bytes of the command are refused: character 15 is U+000D',
    })
    assert.equal(askExec(review, 'rm x').effect, 'deny')
    assert.equal(askExec(review, 'x').effect, 'approve')
    assert.equal(askExec(review, `x ${'y'.repeat(2046)}`).effect, 'approve')
    assert.equal(
      outcome(review, `x ${'y'.repeat(2047)}`),
      'bytes: the command is longer than the 2048 bytes that are reviewed',
    )
    assert.equal(outcome(review, 'x\0'), 'bytes: the bytes of the command are refused: a NUL byte')
  })
})
