import assert from 'node:assert/strict'
import { ask, askExec, outcome, policyOf, problemsOf } from './ask.ts'

const rule = (id: string, effect: string, files: string): string =>
  `{id: ${id}, effect: ${effect}, files: {${files}}}`

describe('rules about files and git that ask for approval', () => {
  const asking = (id: string, subject: string): string =>
    `{id: ${id}, effect: approve, approve: {by: {groups: [sre]}}, ${subject}}`
  const copy = rule(
    'copy',
    'allow',
    'via: [scp, rsync], ops: [read, write], paths: [/a, /a/**], hidden: true',
  )
  const push = asking('push', 'git: {service: receive-pack, repos: [acme/shop]}')

  it('hold a transfer by all that match a part of it', () => {
    const into = asking(
      'into',
      'files: {via: [scp], ops: [write], paths: [/a/prod, /a/prod/**], hidden: true}',
    )
    const policy = policyOf(copy, into)
    assert.equal(outcome(policy, 'scp -t /a/prod'), "into: scp -t -- '/a/prod'")
    const decision = askExec(policy, 'scp -t /a/prod')
    assert.ok(decision.effect === 'approve')
    assert.deepEqual(decision.commands, [['scp', '-t', '/a/prod']])
    assert.equal(askExec(policy, 'scp -t /a/test').effect, 'allow')
    assert.equal(askExec(policy, 'scp -f /a/prod').effect, 'allow')
    assert.equal(askExec(policy, 'scp -t /b').effect, 'deny')
    const never = policyOf(copy, into, rule('no', 'deny', 'paths: [/a/prod/**]'))
    assert.equal(askExec(never, 'scp -r -t /a/prod').effect, 'deny')
  })

  it('hold a push', () => {
    const policy = policyOf(
      push,
      '{id: g, effect: allow, git: {service: [upload-pack, receive-pack], repos: ["acme/*"]}}',
    )
    assert.equal(askExec(policy, "git-receive-pack 'acme/shop'").effect, 'approve')
    assert.equal(askExec(policy, "git-upload-pack 'acme/shop'").effect, 'allow')
    assert.equal(askExec(policy, "git-receive-pack 'acme/other'").effect, 'allow')
    assert.equal(askExec(policyOf(push), "git-receive-pack 'acme/shop'").effect, 'approve')
  })

  it('do not speak of single operations over sftp, which cannot wait', () => {
    for (const via of ['', 'via: [scp, sftp], '])
      assert.match(
        problemsOf(asking('a', `files: {${via}ops: [write], paths: [/a]}`))[0]?.message ?? '',
        /^one operation over sftp cannot wait for people: .* subsystem: \[sftp\]$/,
      )
  })

  it('hold the subsystem, whose files are then judged', () => {
    const sftp = asking('first', 'subsystem: [sftp]')
    const asked = { kind: 'subsystem', name: 'sftp' } as const
    const decision = ask(policyOf(sftp, rule('up', 'allow', 'ops: [write], paths: [/a]')), asked)
    assert.ok(decision.effect === 'approve')
    assert.equal(decision.files, true)
    const plain = ask(policyOf(sftp), asked)
    assert.ok(plain.effect === 'approve')
    assert.equal(plain.files, undefined)
    assert.equal(ask(policyOf(sftp, rule('no', 'deny', 'paths: [/a]')), asked).effect, 'deny')
  })
})
