import assert from 'node:assert/strict'
import type { FileOperation, FileVia, Policy } from '@sallyport/bastion/decide'
import { ask, outcome, policyOf, problemsOf } from './ask.ts'

const file = (policy: Policy, operation: FileOperation, via: FileVia = 'sftp'): string => {
  const decision = ask(policy, { kind: 'file', via, operation })
  return `${decision.effect} ${decision.rule}`
}

const rule = (id: string, effect: string, files: string): string =>
  `{id: ${id}, effect: ${effect}, files: {${files}}}`

describe('rules about files', () => {
  const up = rule(
    'up',
    'allow',
    'ops: [read, write, rename, symlink, mkdir], paths: [/srv/a, /srv/a/**]',
  )

  const cases: readonly (readonly [readonly string[], FileOperation, string])[] = [
    [[up], { op: 'write', path: '/srv/a/x' }, 'allow up'],
    [[up], { op: 'write', path: '/srv/ab' }, 'deny default'],
    [[up], { op: 'remove', path: '/srv/a/x' }, 'deny default'],
    [[up], { op: 'write', path: '/srv/a/.x' }, 'deny default'],
    [[up], { op: 'rename', path: '/srv/a/x', to: '/srv/a/y' }, 'allow up'],
    [[up], { op: 'rename', path: '/srv/a/x', to: '/srv/y' }, 'deny default'],
    [[up], { op: 'rename', path: '/srv/y', to: '/srv/a/x' }, 'deny default'],
    [[up], { op: 'symlink', path: '/srv/a/x', to: '/etc' }, 'deny default'],
    [[up], { op: 'write', path: '/srv/a/d', subtree: true }, 'deny default'],
    [
      [rule('h', 'allow', 'ops: [write], paths: [/srv/a, /srv/a/**], hidden: true')],
      { op: 'write', path: '/srv/a', subtree: true },
      'allow h',
    ],
    [
      [rule('h', 'allow', 'ops: [write], paths: [/srv/a/**], hidden: true')],
      { op: 'write', path: '/srv/a', subtree: true },
      'deny default',
    ],
    [
      [rule('h', 'allow', 'ops: [write], paths: ["/srv/a/*"], hidden: true')],
      { op: 'write', path: '/srv/a/d', subtree: true },
      'deny default',
    ],
    [
      [rule('h', 'allow', 'ops: [write], paths: [/home/**], hidden: true')],
      { op: 'write', path: '/home/x/.env' },
      'allow h',
    ],
    [
      [rule('h', 'allow', 'ops: [write], paths: [/home/**], hidden: true')],
      { op: 'write', path: '/home/x/.ssh/rc' },
      'deny default',
    ],
    [
      [rule('h', 'allow', 'ops: [write], paths: [/home/**], hidden: true')],
      { op: 'write', path: '/home/x/.bashrc' },
      'deny default',
    ],
    [
      [rule('h', 'allow', 'ops: [write], paths: [/home/**], hidden: true')],
      { op: 'write', path: '/home/x/.k5login' },
      'deny default',
    ],
    [
      [rule('s', 'allow', 'ops: [read], paths: ["/home/*/.ssh/config"]')],
      { op: 'read', path: '/home/x/.ssh/config' },
      'allow s',
    ],
    [
      [rule('m', 'allow', 'ops: [write], paths: [/a/**], deny_modes: [setuid, world-writable]')],
      { op: 'write', path: '/a/x', mode: 0o755 },
      'allow m',
    ],
    [
      [rule('m', 'allow', 'ops: [write], paths: [/a/**], deny_modes: [setuid, world-writable]')],
      { op: 'write', path: '/a/x', mode: 0o4755 },
      'deny default',
    ],
    [
      [rule('m', 'allow', 'ops: [write], paths: [/a/**], deny_modes: [setuid, world-writable]')],
      { op: 'write', path: '/a/x', mode: 0o666 },
      'deny default',
    ],
    [
      [up, rule('no', 'deny', 'paths: [/srv/a/k/**]')],
      { op: 'read', path: '/srv/a/k/x' },
      'deny no',
    ],
    [
      [up, rule('no', 'deny', 'ops: [write], paths: [/srv/a/k/**]')],
      { op: 'read', path: '/srv/a/k/x' },
      'allow up',
    ],
    [
      [up, rule('no', 'deny', 'paths: [/srv/a/k/**]')],
      { op: 'rename', path: '/srv/a/k', to: '/srv/a/l' },
      'deny no',
    ],
    [
      [up, rule('no', 'deny', 'paths: [/srv/a/k/**]')],
      { op: 'rename', path: '/srv/a/l', to: '/srv/a/k' },
      'deny no',
    ],
    [
      [up, rule('no', 'deny', 'paths: ["/srv/**/secret"]')],
      { op: 'symlink', path: '/srv/a/l', to: '/srv/a' },
      'deny no',
    ],
    [
      [up, rule('no', 'deny', 'paths: ["/srv/a/x/**"]')],
      { op: 'symlink', path: '/srv/a/x', to: '/srv/a/l' },
      'deny no',
    ],
    [
      [
        rule('h', 'allow', 'ops: [read], paths: [/a, /a/**], hidden: true'),
        rule('no', 'deny', 'paths: [/a/b/c]'),
      ],
      { op: 'read', path: '/a', subtree: true },
      'deny no',
    ],
    [
      [
        rule('h', 'allow', 'ops: [read], paths: [/a, /a/**], hidden: true'),
        rule('no', 'deny', 'paths: [/a/b/c]'),
      ],
      { op: 'read', path: '/a/d', subtree: true },
      'allow h',
    ],
  ]
  for (const [rules, operation, wanted] of cases)
    it(`${JSON.stringify(operation)} is ${wanted}`, () => {
      assert.equal(file(policyOf(...rules), operation), wanted)
    })

  it('speak of sftp alone unless they say more, and deny over all', () => {
    const policy = policyOf(
      up,
      rule('r', 'allow', 'via: [rsync], ops: [read], paths: [/b]'),
      rule('no', 'deny', 'paths: [/c]'),
    )
    assert.equal(file(policy, { op: 'read', path: '/srv/a/x' }, 'scp'), 'deny default')
    assert.equal(file(policy, { op: 'read', path: '/b' }, 'rsync'), 'allow r')
    assert.equal(file(policy, { op: 'read', path: '/b' }), 'deny default')
    assert.equal(file(policy, { op: 'read', path: '/c' }, 'scp'), 'deny no')
  })

  it('give the most room that a rule gives', () => {
    const policy = policyOf(
      rule('small', 'allow', 'ops: [write], paths: [/a/**], max_bytes: 10'),
      rule('large', 'allow', 'ops: [write], paths: [/a/b/**], max_bytes: 2KiB'),
    )
    const decision = ask(policy, {
      kind: 'file',
      via: 'sftp',
      operation: { op: 'write', path: '/a/b/c' },
    })
    assert.ok(decision.effect === 'allow')
    assert.equal(decision.maxBytes, 2048)
  })

  it('have the subsystem filtered, and no other rule widens that', () => {
    const sftp = { kind: 'subsystem', name: 'sftp' } as const
    const plain = '{id: plain, effect: allow, subsystem: [sftp]}'
    const files = (...rules: readonly string[]): string => {
      const decision = ask(policyOf(...rules), sftp)
      return `${decision.effect} ${decision.rule} ${decision.effect === 'allow' && decision.files === true}`
    }
    assert.equal(files(up), 'allow up true')
    assert.equal(files(plain), 'allow plain false')
    assert.equal(files(plain, up), 'allow up true')
    assert.equal(files('{id: t, effect: allow, unresolved: allow}', up), 'allow up true')
    assert.equal(files('{id: off, effect: deny, subsystem: [sftp]}', up), 'deny off false')
    assert.equal(files(plain, rule('no', 'deny', 'paths: [/a]')), 'deny default false')
    assert.equal(
      files(plain, rule('r', 'allow', 'via: [rsync], ops: [read], paths: [/b]')),
      'allow plain false',
    )
  })

  it('judge the commands of scp and rsync, and no other rule widens that', () => {
    const tree = rule(
      'tree',
      'allow',
      'via: [scp, rsync], ops: [read, list, write, mkdir, setstat], paths: [/a, /a/**], hidden: true',
    )
    const run = '{id: run, effect: allow, run: {argv: [rsync], rest: any}}'
    const wrappers = ['sudo', 'sh'].map(
      (program) => `{id: ${program}, effect: allow, run: {argv: [${program}], rest: any}}`,
    )
    const line = 'rsync --server -tre.Ls . /a'
    assert.equal(outcome(policyOf(tree), line), "tree: rsync --server -tre.Ls . '/a'")
    assert.equal(outcome(policyOf(run), line), "run: 'rsync' '--server' '-tre.Ls' '.' '/a'")
    assert.equal(
      outcome(policyOf(run, tree), 'rsync --server -tre.Ls . /b'),
      'default: no rule allows write of "/b" and all below it via rsync',
    )
    assert.equal(
      outcome(policyOf('{id: t, effect: allow, unresolved: allow}', tree), 'scp -f /b'),
      'default: no rule allows read of "/b" via scp',
    )
    assert.match(
      outcome(policyOf(tree, run), 'rsync --rsh=x'),
      /^builtin: rsync: only the server side/,
    )
    for (const more of [
      'scp -f /a; scp -f /a',
      'scp -f /a > /tmp/x',
      'ls | scp -t /a',
      'scp -f /a &',
      'nice scp -f /a',
      'sudo rsync --server -tre.Ls . /a',
      "sh -c 'scp -f /a'",
      '/usr/bin/scp -f /a',
      'sudo -E /usr/bin/rsync --server -tre.Ls . /a',
      "sh -x -c 'ls; scp -f /etc/x'",
    ])
      assert.equal(
        outcome(policyOf(tree, run, ...wrappers), more),
        'builtin: a transfer must be the only command of its line',
        more,
      )
    assert.equal(
      outcome(policyOf(tree, ...wrappers), 'sudo -E apt install rsync'),
      "sudo: 'sudo' '-E' 'apt' 'install' 'rsync'",
    )
    assert.equal(
      outcome(policyOf(tree, '{id: no, effect: deny, run: {argv: [scp]}}'), 'scp -f /a'),
      'no: the policy denies this',
    )
  })
})

describe('rules about files and git, as they are written', () => {
  const problems: readonly (readonly [string, RegExp])[] = [
    [rule('a', 'allow', 'paths: [/a]'), /lists its ops/],
    [rule('a', 'deny', 'paths: [/a], max_bytes: 3'), /has no max_bytes/],
    [rule('a', 'deny', 'paths: [/a], hidden: true'), /has no hidden/],
    [
      rule('a', 'allow', 'via: [scp], ops: [write], paths: [/a], deny_modes: [setuid]'),
      /only over sftp/,
    ],
    [rule('a', 'allow', 'ops: [fly], paths: [/a]'), /./],
    [rule('a', 'allow', 'ops: [read], paths: [a]'), /begins with \//],
    [rule('a', 'allow', 'ops: [write], paths: [/a], max_bytes: 3MB'), /200MiB/],
    ['{id: g, effect: allow, git: {service: shell, repos: [a]}}', /expected upload-pack/],
    [
      '{id: a, effect: allow, files: {ops: [read], paths: [/a]}, tests: {match: [{op: read, path: /b}]}}',
      /should match: expected paths under \/a/,
    ],
    [
      '{id: a, effect: allow, files: {ops: [read], paths: [/a]}, tests: {no_match: [{op: read, path: /a}]}}',
      /should not match/,
    ],
    [
      '{id: a, effect: allow, files: {ops: [read], paths: [/a]}, tests: {match: [ls]}}',
      /not understood/,
    ],
    [
      '{id: a, effect: allow, run: {argv: [x]}, tests: {match: [{op: read, path: /a}]}}',
      /only for a rule about files/,
    ],
    [
      '{id: g, effect: allow, git: {service: upload-pack, repos: [a]}, tests: {match: [git-upload-pack b]}}',
      /should match: expected one of a/,
    ],
  ]
  for (const [text, wanted] of problems)
    it(text, () => {
      assert.match(
        problemsOf(text)
          .map(({ message }) => message)
          .join(),
        wanted,
      )
    })
})
