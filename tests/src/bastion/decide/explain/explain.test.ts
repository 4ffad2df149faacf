import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import {
  explanationLines,
  parsePolicy,
  readQuestion,
  type DecisionQuestion,
  type DecisionScope,
  type Explanation,
  type Policy,
} from '@sallyport/bastion/decide'
import { agent, policyOf } from '../ask.ts'

const exec = (line: string): DecisionQuestion => ({ kind: 'exec', command: Buffer.from(line) })

const explain = (
  policy: Policy,
  question: DecisionQuestion | string,
  scope: DecisionScope = agent,
): Explanation =>
  policy.explain({ ...scope, ...(typeof question === 'string' ? exec(question) : question) })

describe('an explanation', () => {
  const policy = policyOf(
    '{id: logs, effect: allow, run: {argv: [tail], options: [{-n: {int: [1, 9]}}], rest: {each: {path: "/var/log/*"}, max: 1}}}',
    '{id: staff, effect: allow, who: {groups: [sre]}, where: {labels: {env: staging}}, run: {argv: [tail], rest: any}}',
    '{id: look, effect: approve, approve: {by: {groups: [sre], identities: [ann]}, grant: 30m}, run: {argv: [id]}}',
    '{id: no, effect: deny, run: {argv: [rm]}}',
    '{id: sh, effect: allow, shell: {pty: true, mode: guarded}}',
    '{id: sftp, effect: allow, when: {days: [Mon], tz: UTC}, subsystem: [sftp]}',
  )

  it('names the rules that match each command, and what is sent', () => {
    const found = explain(policy, 'tail /var/log/a; id')
    assert.deepEqual(found.parts, [
      {
        argv: ['tail', '/var/log/a'],
        refused: undefined,
        matching: [{ id: 'logs', effect: 'allow', place: 'line 3' }],
        nearest: [
          {
            id: 'staff',
            effect: 'allow',
            place: 'line 4',
            misfit: { kind: 'conditions', unmet: ['who.groups'] },
          },
        ],
      },
      {
        argv: ['id'],
        refused: undefined,
        matching: [{ id: 'look', effect: 'approve', place: 'line 5' }],
        nearest: [],
      },
    ])
    assert.deepEqual(explanationLines(found), [
      'approve by look',
      '  rule look (line 5) asks for approval of the line',
      '  needs 1 of group sre, identity ann within 600 s, one approval may cover 1800 s',
      'command 1: ["tail","/var/log/a"]',
      '  allow by logs (line 3)',
      '  not allow by staff (line 4): does not hold: who.groups',
      'command 2: ["id"]',
      '  approve by look (line 5)',
      "sent: 'tail' '/var/log/a' ; 'id'",
    ])
  })

  it('says at which word the nearest rules failed', () => {
    const lines = (line: string): readonly string[] => explanationLines(explain(policy, line))
    assert.ok(
      lines('tail -n 10 /var/log/a').includes(
        '  not allow by logs (line 3): word 2 is "-n": expected a listed option',
      ),
    )
    assert.ok(
      lines('tail /etc/shadow').includes(
        '  not allow by logs (line 3): word 2 is "/etc/shadow": expected a path like /var/log/*',
      ),
    )
    assert.deepEqual(explain(policy, 'ls').parts[0]?.nearest, [])
    const piped = policyOf('{id: wc, effect: allow, run: {argv: [wc], stdin: pipe}}')
    assert.equal(
      explanationLines(explain(piped, 'wc')).at(-1),
      '  not allow by wc (line 3): word 1 is "wc": expected standard input from pipe',
    )
    assert.deepEqual(
      lines('eval x').at(2),
      '  the agent reads: the shell builtin eval cannot be judged',
    )
    assert.ok(
      lines('eval x').includes('  no rule can allow it: the shell builtin eval cannot be judged'),
    )
  })

  it('has no parts where nothing was resolved, and quotes what it was given', () => {
    const trusting = policyOf('{id: t, effect: allow, unresolved: allow}')
    const found = explain(trusting, 'echo $x \u001b[2J')
    assert.deepEqual(found.parts, [])
    const text = explanationLines(found).join('\n')
    assert.ok(text.endsWith(String.raw`sent: "echo $x \u001b[2J"`), text)
    assert.equal(text.includes('\u001b'), false)
    const bidi = explanationLines(explain(trusting, 'echo $x \u202e')).join('\n')
    assert.ok(bidi.endsWith('sent: "echo $x U+202E"'), bidi)
  })

  it('looks into what a command runs', () => {
    const inside = policyOf(
      '{id: up, effect: allow, run: {as: [root], argv: [uptime]}}',
      '{id: no, effect: deny, run: {argv: [rm]}}',
    )
    const lines = (line: string): readonly string[] => explanationLines(explain(inside, line))
    assert.deepEqual(lines("nice sudo sh -c 'uptime'").slice(2), [
      'command 1: ["nice","sudo","sh","-c","uptime"]',
      '  no rule matches',
      '  or by rules for what it runs:',
      '    command 1: ["sudo","sh","-c","uptime"]',
      '      no rule matches',
      '      or by rules for what it runs:',
      '        command 1: ["sh","-c","uptime"] as root',
      '          no rule matches',
      '          or by rules for what it runs:',
      '            command 1: ["uptime"] as root',
      '              allow by up (line 3)',
      String.raw`sent: 'nice' 'sudo' 'sh' '-c' ''\''uptime'\'''`,
    ])
    assert.equal(
      lines('sudo --odd uptime').at(-1),
      '  what it runs cannot be followed: the option "--odd" of sudo is not understood',
    )
  })

  it('covers other requests', () => {
    assert.deepEqual(explanationLines(explain(policy, { kind: 'shell', pty: true })), [
      'allow by sh',
      '  rule sh (line 7) allows a guarded shell with a terminal',
      '  as a shell that is guarded',
      'rules:',
      '  allow by sh (line 7)',
    ])
    assert.deepEqual(
      explanationLines(explain(policy, { kind: 'subsystem', name: 'sftp' })).slice(-2),
      ['  no rule matches', '  not allow by sftp (line 8): does not hold: when'],
    )
  })

  it('covers operations on files', () => {
    const files = policyOf(
      '{id: up, effect: allow, files: {ops: [write], paths: [/srv/**]}}',
      '{id: staff, effect: allow, who: {groups: [sre]}, files: {ops: [read], paths: [/**]}}',
    )
    const question = readQuestion('sftp write /srv/../etc/passwd')
    assert.ok(question !== undefined)
    assert.deepEqual(explanationLines(explain(files, question)).slice(3), [
      'rules:',
      '  no rule matches',
      '  not allow by up (line 3): expected paths under /srv/**',
      '  not allow by staff (line 4): does not hold: who.groups',
    ])
    const rename = readQuestion('rsync rename /a /b')
    assert.deepEqual(rename, {
      kind: 'file',
      via: 'rsync',
      operation: { op: 'rename', path: '/a', to: '/b' },
    })
    for (const text of ['sftp fly /a', 'sftp read a', 'sftp read /a /b /c', 'ftp read /a'])
      assert.equal(readQuestion(text), undefined, text)
  })

  it('is of the decision that is made, on whatever line', () => {
    const file = new URL('../../../../../docs/policy.example.yaml', import.meta.url)
    const parsed = parsePolicy(readFileSync(file, 'utf8'))
    assert.ok(parsed.kind === 'policy')
    const example = parsed.policy
    const piece = fc.constantFrom(
      ...(
        'tail head rm -rf -n 5 /tmp/build/x /var/log/shop/a.log dpkg --list install | ; && ' +
        'df -h sudo eval $x > /dev/null apt'
      ).split(' '),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const question = exec(pieces.join(' '))
        const { decision, parts } = explain(example, question)
        assert.deepEqual(decision, example.decide({ ...agent, ...question }))
        const opens = parts.every(
          ({ matching, refused }) => matching.length > 0 && refused === undefined,
        )
        const denies = parts.some(({ matching }) =>
          matching.some(({ effect }) => effect === 'deny'),
        )
        assert.equal(decision.effect === 'allow', parts.length > 0 && opens && !denies)
      }),
      { numRuns: 3000 },
    )
  })
})
