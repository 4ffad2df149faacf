import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parsePolicy } from '@sallyport/bastion/decide'
import { agent, askExec, problemsOf } from './ask.ts'

const brief = (...rules: readonly string[]): readonly string[] =>
  problemsOf(...rules).map(({ line, path, message }) => `${line} ${path}: ${message}`)

describe('parsePolicy', () => {
  it('loads the example policy, whose tests hold', () => {
    const file = new URL('../../../../docs/policy.example.yaml', import.meta.url)
    const text = readFileSync(file, 'utf8')
    const parsed = parsePolicy(text, { file: 'policy.example.yaml' })
    assert.deepEqual(parsed.kind === 'invalid' ? parsed.problems : [], [])
    assert.ok(parsed.kind === 'policy')
    assert.equal(
      parsed.policy.revision,
      createHash('sha256').update(text).digest('hex').slice(0, 12),
    )
    const decision = askExec(parsed.policy, 'df -h', agent)
    assert.match(decision.reason, /^rule machine-facts \(policy\.example\.yaml line \d+\)$/)
  })

  it('reports every problem at once, with its line and column', () => {
    const text = [
      'version: 2',
      'extra: true',
      'rules:',
      '  - id: one',
      '    effect: maybe',
      '    run: {argv: []}',
      '  - id: one',
      '    effect: allow',
      '    run:',
      '      argv: [tail, 5, {blob: x}]',
      '      optoins: []',
      '  - id: Two Words',
      '    effect: allow',
      '    shell: {pty: yes}',
      '  - id: three',
      '    effect: allow',
      '    run: {argv: [rm, {path: "/tmp/*"}]}',
      '    tests:',
      '      match: [rm /tmp/x, rm /etc/x]',
    ].join('\n')
    const parsed = parsePolicy(text)
    assert.ok(parsed.kind === 'invalid')
    assert.deepEqual(
      parsed.problems.map(({ line, column, path }) => `${line}:${column} ${path}`),
      [
        '1:1 version',
        '2:1 extra',
        '5:5 rules.0.effect',
        '6:11 rules.0.run.argv',
        '7:5 rules.1.id',
        '10:20 rules.1.run.argv.1',
        '10:23 rules.1.run.argv.2',
        '10:24 rules.1.run.argv.2.blob',
        '11:7 rules.1.run.optoins',
        '12:5 rules.2.id',
        '14:13 rules.2.shell.pty',
        '19:26 rules.3.tests.match.1',
      ],
    )
    const messages = parsed.problems.map(({ message }) => message)
    assert.equal(messages[1], 'unknown key extra')
    assert.equal(messages[3], 'argv needs a program')
    assert.equal(messages[4], 'the id one is used twice')
    assert.match(messages[5] ?? '', /^expected a word \(quote numbers\)/)
    assert.equal(messages[8], 'unknown key optoins')
    assert.equal(messages[11], '"rm /etc/x" should match: word 2: expected a path like /tmp/*')
  })

  it('reports YAML that cannot be read', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['version: 1\nversion: 1\nrules: []', '2: Map keys must be unique'],
      [
        'version: 1\nrules: [',
        '2: Flow sequence in block collection must be sufficiently indented',
      ],
      ['version: 1\nrules: []\n__proto__: {}', '3: a key must be plain text'],
      ['version: 1\nrules: !js []', '2: Unresolved tag: !js'],
      ['version: 1\nrules:\n  - id: a\n    env: {1: x}', '4: a key must be plain text'],
      ['version: 1\n---\nrules: []', '2: Source contains multiple documents'],
    ]
    for (const [text, start] of cases) {
      const parsed = parsePolicy(text)
      assert.ok(parsed.kind === 'invalid', text)
      const [first] = parsed.problems
      assert.ok(`${first?.line}: ${first?.message}`.startsWith(start), JSON.stringify(first))
    }
    for (const text of ['', '[]', 'null', 'text', 'version: 1', 'version: 1\nrules: {}'])
      assert.equal(parsePolicy(text).kind, 'invalid', text)
  })

  it('never throws, whatever prefix of a file it is given', () => {
    const file = new URL('../../../../docs/policy.example.yaml', import.meta.url)
    const text = readFileSync(file, 'utf8')
    for (let end = 0; end < text.length; end += 97)
      assert.doesNotThrow(() => parsePolicy(text.slice(0, end)))
  })

  it('wants one subject per rule', () => {
    const wanted =
      'give exactly one of run, shell, subsystem, forward, agent, x11, env, unresolved, files, git'
    assert.deepEqual(
      brief('{id: a, effect: allow}', '{id: b, effect: allow, agent: true, x11: true}'),
      [`3 rules.0: ${wanted}`, `4 rules.1: ${wanted}`],
    )
  })

  it('refuses patterns that would not mean what they say', () => {
    const run = (argv: string): string => `{id: a, effect: allow, run: {argv: [ls, ${argv}]}}`
    assert.deepEqual(brief(run('{glob: "a**"}')), [
      '3 rules.0.run.argv.1.glob: ** is only understood in a path',
    ])
    assert.deepEqual(brief(run('{glob: "[ab]"}')), [
      '3 rules.0.run.argv.1.glob: a glob knows only * and ?',
    ])
    assert.deepEqual(brief(run('{path: srv/a}')), [
      '3 rules.0.run.argv.1.path: a path pattern begins with /',
    ])
    assert.deepEqual(brief(run('{path: /srv/a**}')), [
      '3 rules.0.run.argv.1.path: ** stands alone between slashes',
    ])
    assert.deepEqual(brief(run('{path: /srv/../a}')), [
      '3 rules.0.run.argv.1.path: a path pattern cannot hold ..',
    ])
    assert.deepEqual(brief(run('{int: [5, 1]}')), [
      '3 rules.0.run.argv.1.int: the first number is above the last',
    ])
    assert.deepEqual(brief(run('{glob: x, any: true}')), [
      '3 rules.0.run.argv.1: give exactly one of oneOf, glob, path, int, any',
    ])
    assert.deepEqual(brief('{id: a, effect: allow, who: {}, agent: true}'), [
      '3 rules.0.who: an empty condition would hold for everyone; leave it out',
    ])
    assert.deepEqual(brief('{id: a, effect: allow, who: {groups: []}, agent: true}'), [
      '3 rules.0.who.groups: an empty list matches nothing',
    ])
    assert.equal(
      problemsOf('{id: a, effect: allow, who: {claims: {n: 9007199254740993}}, agent: true}')
        .length,
      1,
    )
  })

  it('refuses reserved ids', () => {
    for (const id of ['default', 'unparsable', 'bytes', 'builtin'])
      assert.deepEqual(brief(`{id: ${id}, effect: allow, agent: true}`), [
        '3 rules.0.id: this id is used for decisions without a rule',
      ])
  })

  it('refuses deny rules that an option could slip past', () => {
    const found = brief(
      '{id: a, effect: deny, run: {argv: [rm], options: [-r], stdin: pipe, redirects: {}, rest: {each: /}}}',
      '{id: b, effect: deny, unresolved: allow}',
    )
    assert.equal(found.length, 5)
    assert.ok(
      found[0]?.startsWith('3 rules.0.run.options: a deny rule matches whatever stands beside'),
    )
    assert.equal(found[4], '4 rules.1.unresolved: unresolved lines are denied without a rule')
  })

  it('wants interpreters and wrappers spelled out', () => {
    assert.deepEqual(brief('{id: a, effect: allow, run: {argv: [{oneOf: [ls, python3]}]}}'), [
      '3 rules.0.run.argv.0.oneOf: python3 can run other programs; give it a rule of its own that begins with it',
    ])
  })

  it('refuses variables that no rule may let through', () => {
    for (const name of ['LD_PRELOAD', 'PATH', 'BASH_ENV', 'IFS', 'GIT_SSH_COMMAND', 'a-b'])
      assert.deepEqual(brief(`{id: a, effect: allow, env: {${name}: "*"}}`), [
        `3 rules.0.env.${name}: no rule can let this variable through`,
      ])
  })

  it('tries the examples of every kind of rule', () => {
    const rule = (subject: string, match: string, no: string): string =>
      `{id: a, effect: allow, ${subject}, tests: {match: [${match}], no_match: [${no}]}}`
    const good = [
      ['subsystem: [sftp]', 'sftp', 'netconf'],
      ['shell: {pty: true}', 'pty', 'no-pty'],
      ['env: {A: "v?"}', 'A=v1', 'A=w1, B=v1'],
      ['forward: {local: [{host: db, ports: [1]}]}', '"local db:1"', '"local db:2", "remote db:1"'],
      ['forward: {streamlocal: [/run/*]}', 'streamlocal /run/x', 'remote_streamlocal /run/x'],
      ['run: {argv: [ls]}', 'ls', 'ls $x, "ls\\r", eval ls'],
    ] as const
    for (const [subject, match, no] of good) {
      assert.equal(parsePolicy(`version: 1\nrules: [${rule(subject, match, no)}]`).kind, 'policy')
      assert.ok(problemsOf(rule(subject, no, match)).length >= 2, subject)
    }
    assert.deepEqual(brief('{id: a, effect: allow, agent: true, tests: {match: [x]}}'), [
      '3 rules.0.tests: a rule about agent has nothing to test',
    ])
    assert.match(
      brief('{id: a, effect: allow, subsystem: [sftp], tests: {no_match: ["a b c"]}}').join(''),
      /^3 rules\.0\.tests\.no_match\.0: "a b c" is not understood: write pty/,
    )
  })
})
