import assert from 'node:assert/strict'
import type { DecisionQuestion, Policy } from '@sallyport/bastion/decide'
import { ask, policyOf } from './ask.ts'

const effectOf = (policy: Policy, question: DecisionQuestion): string => {
  const decision = ask(policy, question)
  return `${decision.effect} ${decision.rule}`
}

describe('channels', () => {
  it('are all denied without a rule', () => {
    const policy = policyOf('{id: a, effect: allow, run: {argv: [{any: true}], rest: any}}')
    const questions: readonly DecisionQuestion[] = [
      { kind: 'shell', pty: true },
      { kind: 'shell', pty: false },
      { kind: 'subsystem', name: 'sftp' },
      { kind: 'direct-tcpip', host: 'localhost', port: 22 },
      { kind: 'tcpip-forward', host: '', port: 0 },
      { kind: 'direct-streamlocal', path: '/run/x' },
      { kind: 'streamlocal-forward', path: '/run/x' },
      { kind: 'agent' },
      { kind: 'x11' },
      { kind: 'env', name: 'FOO', value: 'x' },
    ]
    for (const question of questions) assert.equal(effectOf(policy, question), 'deny default')
    const decision = ask(policy, { kind: 'direct-tcpip', host: 'db\n', port: 22 })
    assert.ok(decision.effect === 'deny')
    assert.equal(decision.message, 'no rule allows a connection to "db\\n" port 22')
  })

  it('follow shell, subsystem, agent and x11 rules, deny first', () => {
    const policy = policyOf(
      '{id: s, effect: allow, shell: {pty: false, mode: observed}}',
      '{id: f, effect: allow, subsystem: [sftp, netconf]}',
      '{id: n, effect: deny, subsystem: [netconf]}',
      '{id: g, effect: allow, agent: true}',
      '{id: x, effect: allow, x11: true}',
      '{id: y, effect: deny, who: {groups: [ci]}, x11: true}',
    )
    assert.equal(effectOf(policy, { kind: 'shell', pty: false }), 'allow s')
    assert.equal(effectOf(policy, { kind: 'shell', pty: true }), 'deny default')
    assert.equal(effectOf(policy, { kind: 'subsystem', name: 'sftp' }), 'allow f')
    assert.equal(effectOf(policy, { kind: 'subsystem', name: 'netconf' }), 'deny n')
    assert.equal(effectOf(policy, { kind: 'subsystem', name: 'SFTP' }), 'deny default')
    assert.equal(effectOf(policy, { kind: 'agent' }), 'allow g')
    assert.equal(effectOf(policy, { kind: 'x11' }), 'deny y')
    const any = policyOf('{id: s, effect: allow, shell: {pty: any, mode: observed}}')
    for (const pty of [true, false]) {
      const decision = ask(any, { kind: 'shell', pty })
      assert.ok(decision.effect === 'allow')
      assert.equal(decision.judged, false)
    }
  })

  it('let trusted principals start any subsystem unjudged, but nothing else', () => {
    const policy = policyOf('{id: t, effect: allow, unresolved: allow}')
    const decision = ask(policy, { kind: 'subsystem', name: 'sftp' })
    assert.ok(decision.effect === 'allow')
    assert.equal(decision.judged, false)
    assert.equal(effectOf(policy, { kind: 'subsystem', name: 'a b' }), 'deny default')
    assert.equal(effectOf(policy, { kind: 'shell', pty: true }), 'deny default')
    assert.equal(effectOf(policy, { kind: 'agent' }), 'deny default')
  })

  it('follow forward rules by host and port', () => {
    const policy = policyOf(
      '{id: l, effect: allow, forward: {local: [{host: {glob: "*.db.internal"}, ports: [5432, [6000, 6010]]}, {host: 127.0.0.1, ports: [80]}]}}',
      '{id: r, effect: allow, forward: {remote: [{host: localhost, ports: [0, 8080]}]}}',
      '{id: u, effect: allow, forward: {streamlocal: [/run/app/*], remote_streamlocal: [/tmp/fwd/*]}}',
      '{id: n, effect: deny, forward: {streamlocal: [/run/app/secret]}}',
      '{id: d, effect: deny, forward: {local: [{host: secret.db.internal, ports: any}]}}',
    )
    const local: Readonly<Record<string, string>> = {
      'main.db.internal:5432': 'allow l',
      'MAIN.db.internal:6005': 'allow l',
      'main.db.internal:22': 'deny default',
      'a.b.db.internal:5432': 'deny default',
      'evil.com/.db.internal:5432': 'deny default',
      'secret.db.internal:5432': 'deny d',
      'SECRET.db.internal.:5432': 'deny d',
      '127.0.0.1:80': 'allow l',
      '127.1:80': 'deny default',
      'localhost:80': 'deny default',
    }
    for (const [endpoint, wanted] of Object.entries(local)) {
      const [host = '', port] = endpoint.split(':')
      assert.equal(effectOf(policy, { kind: 'direct-tcpip', host, port: Number(port) }), wanted)
    }
    const listen = (host: string, port: number): string =>
      effectOf(policy, { kind: 'tcpip-forward', host, port })
    assert.equal(listen('localhost', 8080), 'allow r')
    assert.equal(listen('localhost', 0), 'allow r')
    assert.equal(listen('', 8080), 'deny default')
    const sockets: readonly (readonly [
      'direct-streamlocal' | 'streamlocal-forward',
      string,
      string,
    ])[] = [
      ['direct-streamlocal', '/run/app/x', 'allow u'],
      ['direct-streamlocal', '/run/app/../x', 'deny default'],
      ['direct-streamlocal', '/run/app/../app/x', 'deny default'],
      ['direct-streamlocal', '/run/app/../app/secret', 'deny n'],
      ['direct-streamlocal', '/tmp/fwd/x', 'deny default'],
      ['streamlocal-forward', '/tmp/fwd/x', 'allow u'],
      ['streamlocal-forward', '/run/app/x', 'deny default'],
    ]
    for (const [kind, path, wanted] of sockets)
      assert.equal(effectOf(policy, { kind, path }), wanted)
  })

  it('keep cloud metadata and odd addresses from patterns', () => {
    const any = policyOf(
      '{id: l, effect: allow, forward: {local: [{host: {any: true}, ports: any}]}}',
    )
    const to = (host: string): string => effectOf(any, { kind: 'direct-tcpip', host, port: 80 })
    for (const host of ['db', 'db.example.org', '10.1.2.3']) assert.equal(to(host), 'allow l')
    const odd =
      '169.254.169.254 metadata.google.internal METADATA fe80::1 ::1 2852039166 0xa9fea9fe ' +
      '169.254.43518 0251.0376.0251.0376'
    for (const host of ['', 'a b', 'db.example.org\n', ...odd.split(' ')])
      assert.equal(to(host), 'deny default', host)
    assert.equal(effectOf(any, { kind: 'direct-tcpip', host: 'db', port: 0 }), 'deny default')
  })

  it('let language and terminal variables through, and never dangerous ones', () => {
    const policy = policyOf(
      '{id: e, effect: allow, env: {GIT_PROTOCOL: "version=?", APP_ENV: {any: true}}}',
      '{id: d, effect: deny, env: {LC_ALL: "*"}}',
    )
    const cases: Readonly<Record<string, string>> = {
      'LANG=de_DE.UTF-8': 'allow builtin',
      'LC_TIME=C': 'allow builtin',
      'TERM=xterm-256color': 'allow builtin',
      'LC_ALL=C': 'deny d',
      'LC_ALL=a/b': 'deny d',
      'LANG=() { :;}; x': 'deny default',
      'TERM=../../tmp/x': 'deny default',
      'LC_ALLx=y': 'deny default',
      'GIT_PROTOCOL=version=2': 'allow e',
      'GIT_PROTOCOL=version=2:x': 'deny default',
      'APP_ENV=any thing': 'allow e',
      'APP_ENV=a\nb': 'deny default',
      'LD_PRELOAD=x': 'deny builtin',
      'PATH=x': 'deny builtin',
      'BASH_FUNC_id%%=x': 'deny builtin',
      'GIT_SSH_COMMAND=x': 'deny builtin',
      'constructor=x': 'deny default',
    }
    for (const [text, wanted] of Object.entries(cases)) {
      const [name = ''] = text.split('=', 1)
      const value = text.slice(name.length + 1)
      assert.equal(effectOf(policy, { kind: 'env', name, value }), wanted, text)
    }
  })
})
