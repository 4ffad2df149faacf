import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parsePolicy } from '@sallyport/bastion/decide'
import { allows, policyOf, problemsOf } from '../ask.ts'

const brief = (...rules: readonly string[]): readonly string[] =>
  problemsOf(...rules).map(({ line, path, message }) => `${line} ${path}: ${message}`)

const loads = (...rules: readonly string[]): void => {
  const parsed = parsePolicy(`version: 1\nrules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`)
  assert.equal(parsed.kind, 'policy', JSON.stringify(parsed))
}

const run = (id: string, effect: string, fields: string, more = ''): string =>
  `{id: ${id}, effect: ${effect}, ${more}run: {${fields}}}`

describe('rules that can match nothing', () => {
  it('are refused where their program is a builtin that is never allowed', () => {
    assert.deepEqual(brief(run('a', 'allow', 'argv: [eval]')), [
      '3 rules.0.run.argv.0: no rule can allow this: the shell builtin eval cannot be judged',
    ])
    assert.deepEqual(brief(run('a', 'allow', 'argv: [{oneOf: [ls, export]}]')), [
      '3 rules.0.run.argv.0.oneOf: no rule can allow this: the shell builtin export cannot be judged',
    ])
    assert.match(
      brief(run('a', 'approve', 'argv: [exec]', 'approve: {by: {groups: [x]}}, ')).join(),
      /no rule can allow this: the shell builtin exec/,
    )
    assert.match(brief(run('a', 'allow', "argv: ['']")).join(), /"" is not a plain program name/)
    loads(run('a', 'deny', 'argv: [eval]'), run('b', 'allow', 'argv: [printf], rest: any'))
  })

  it('are refused where a glob covers no word', () => {
    assert.deepEqual(brief(run('a', 'allow', 'argv: [ls, {glob: "-*"}]')), [
      '3 rules.0.run.argv.1.glob: a glob covers no option, so this matches nothing; list it under options',
    ])
    assert.deepEqual(brief(run('a', 'allow', 'argv: [ls], rest: {each: {glob: "a/../*"}}')), [
      '3 rules.0.run.rest.each.glob: a glob covers no word with a .. segment, so this matches nothing',
    ])
    assert.equal(brief(run('a', 'allow', 'argv: [ls], options: [{-n: {glob: "-*"}}]')).length, 1)
    loads(
      run('a', 'allow', 'argv: [ls, {glob: "a..b*"}]'),
      run('b', 'deny', 'argv: [x, {glob: "-*"}]'),
    )
  })

  it('are refused where no command can hold their word', () => {
    assert.deepEqual(brief(run('a', 'allow', String.raw`argv: [ls, "a\u202eb"]`)), [
      '3 rules.0.run.argv.1: no command can hold this: character 2 is U+202E',
    ])
    assert.equal(brief(run('a', 'allow', String.raw`argv: [ls, {oneOf: [a, "\r"]}]`)).length, 1)
    loads(run('a', 'allow', 'argv: [ls, Grüße]'))
  })
})

describe('rules that do nothing beside another', () => {
  const takes = (deny: string, open: string): boolean => {
    const parsed = parsePolicy(
      `version: 1\nrules:\n  - ${run('no', 'deny', deny)}\n  - ${run('a', 'allow', open)}\n`,
    )
    if (parsed.kind === 'policy') return false
    assert.deepEqual(
      parsed.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`),
      ['4 rules.1: lets nothing through: the rule no denies all of it'],
    )
    return true
  }

  it('are refused where a deny rule for everyone takes all they allow', () => {
    const cases: readonly (readonly [string, string, boolean])[] = [
      ['argv: [rm]', 'argv: [rm], options: [-f], rest: {each: {path: /tmp/**}}', true],
      ['argv: [rm]', 'argv: [/bin/rm]', true],
      ['argv: [/bin/rm]', 'argv: [rm]', false],
      ['argv: [{oneOf: [rm, shred]}]', 'argv: [{oneOf: [shred, rm]}, x]', true],
      ['argv: [rm]', 'argv: [{oneOf: [shred, rm]}, x]', false],
      ['argv: [rm]', 'argv: [{glob: "r*"}]', false],
      ['argv: [apt, install]', 'argv: [apt, -y, install, x]', true],
      ['argv: [apt, install]', 'argv: [apt], rest: any', false],
      ['argv: [apt, {any: true}]', 'argv: [apt, {glob: "*"}]', true],
      ['argv: [apt, {any: true}]', 'argv: [apt]', false],
      ['argv: [cat, {path: /etc/**}]', 'argv: [cat, {path: /etc/**}]', true],
      ['argv: [cat, {path: /etc/**}]', 'argv: [cat, /etc/shadow]', true],
      ['argv: [cat, {path: /etc/**}]', 'argv: [cat, {path: /etc/*}]', false],
      ['argv: [cat, {glob: "*.key"}]', 'argv: [cat, {oneOf: [a.key, b/c.key]}]', true],
    ]
    for (const [deny, open, wanted] of cases)
      assert.equal(takes(deny, open), wanted, `${deny} ${open}`)
  })

  it('are left alone where the deny rule has conditions, or stops every program', () => {
    loads(run('no', 'deny', 'argv: [rm]', 'who: {groups: [x]}, '), run('a', 'allow', 'argv: [rm]'))
    loads(
      run('no', 'deny', 'argv: [rm]', 'where: {logins: [x]}, '),
      run('a', 'allow', 'argv: [rm]'),
    )
    loads(
      run('no', 'deny', 'argv: [rm]', 'when: {days: [Sun], tz: UTC}, '),
      run('a', 'allow', 'argv: [rm]'),
    )
    loads(run('freeze', 'deny', 'argv: [{any: true}]'), run('a', 'allow', 'argv: [rm]'))
  })

  it('are refused for other requests too', () => {
    const pairs: readonly (readonly [string, string, boolean])[] = [
      ['subsystem: [sftp, netconf]', 'subsystem: [sftp]', true],
      ['subsystem: [sftp]', 'subsystem: [sftp, netconf]', false],
      ['shell: {pty: any}', 'shell: {pty: true, mode: guarded}', true],
      ['shell: {pty: true}', 'shell: {pty: any, mode: guarded}', false],
      ['shell: {pty: any, mode: observed}', 'shell: {pty: true, mode: guarded}', false],
      ['agent: true', 'agent: true', true],
      ['x11: true', 'agent: true', false],
    ]
    for (const [deny, open, wanted] of pairs) {
      const rules = [`{id: no, effect: deny, ${deny}}`, `{id: a, effect: allow, ${open}}`]
      if (wanted) assert.match(brief(...rules).join(), /^4 rules\.1: lets nothing through/, deny)
      else loads(...rules)
    }
  })

  it('are only reported when no command at all could pass', () => {
    const literal = fc.constantFrom('a', 'b', '/x/b', '-f', 'c=a')
    const word = fc.oneof(
      literal,
      fc
        .uniqueArray(literal, { minLength: 1, maxLength: 3 })
        .map((list) => `{oneOf: [${list.join()}]}`),
      fc.constantFrom('{any: true}', '{glob: "*"}', '{glob: "b*"}', '{path: /x/*}'),
    )
    const head = fc.constantFrom('a', 'b', '{oneOf: [a, b]}', '/x/b')
    const argv = fc
      .tuple(head, fc.array(word, { maxLength: 3 }))
      .map(([first, rest]) => [first, ...rest].join(', '))
    const line = fc.array(fc.oneof(literal, fc.constantFrom('--', 'bb', '/x/../b')), {
      maxLength: 5,
    })
    let reported = 0
    fc.assert(
      fc.property(
        argv,
        argv,
        fc.array(line, { minLength: 20, maxLength: 20 }),
        (deny, open, lines) => {
          const allow = run('a', 'allow', `argv: [${open}], rest: any`)
          const both = `version: 1\nrules:\n  - ${run('no', 'deny', `argv: [${deny}]`)}\n  - ${allow}\n`
          if (parsePolicy(both).kind === 'policy') return
          reported += 1
          const policy = policyOf(
            run('no', 'deny', `argv: [${deny}]`, 'who: {groups: [ci]}, '),
            allow,
          )
          for (const words of lines)
            for (const program of ['a', 'b', '/x/b'])
              assert.equal(
                allows(policy, [program, ...words].join(' ')),
                false,
                `${deny} | ${open}`,
              )
        },
      ),
      { numRuns: 3000 },
    )
    assert.ok(reported > 100, `${reported} were reported`)
  })

  it('are refused where they only repeat a rule', () => {
    const more = 'who: {groups: [ci]}, where: {logins: [x]}, '
    assert.deepEqual(
      brief(
        run('a', 'allow', 'argv: [ls], rest: any', more),
        '{effect: allow, run: {rest: any, argv: [ls]}, where: {logins: [x]}, who: {groups: [ci]}, id: b, message: m}',
        run('c', 'allow', 'argv: [ls]', more),
      ),
      ['4 rules.1: says the same as the rule a'],
    )
    loads(
      '{id: a, effect: allow, agent: true, who: {groups: [a]}}',
      '{id: b, effect: allow, agent: true}',
    )
  })
})

describe('warnings', () => {
  const warned = (rule: string): readonly string[] => {
    const parsed = parsePolicy(`version: 1\nrules:\n  - ${rule}\n`)
    assert.ok(parsed.kind === 'policy', JSON.stringify(parsed))
    return parsed.warnings.map(({ line, path, message }) => `${line} ${path}: ${message}`)
  }
  const tested = ', tests: {match: [x]}'

  it('say what a rule opens', () => {
    assert.deepEqual(warned('{id: a, effect: allow, run: {argv: [x]}}'), [
      '3 rules.0.id: no tests: nothing shows that this rule says what is meant',
    ])
    assert.deepEqual(
      warned(`{id: a, effect: allow, run: {argv: [x, -f]}, tests: {match: [x -f]}}`),
      [],
    )
    const python =
      '{id: a, effect: allow, run: {argv: [python3], rest: any}, tests: {match: [python3]}}'
    assert.match(warned(python).join(), /^3 rules\.0\.run\.rest: python3 can run other programs/)
    assert.deepEqual(
      warned(
        '{id: a, effect: allow, run: {argv: [{any: true}], rest: {each: {any: true}}}' +
          tested +
          '}',
      ),
      [
        '3 rules.0.run.argv.0: any word at all may stand here',
        '3 rules.0.run.rest.each: any words at all may stand here',
      ],
    )
    assert.deepEqual(warned('{id: a, effect: allow, unresolved: allow}'), [
      '3 rules.0.unresolved: lines that are not understood run unjudged',
    ])
    assert.deepEqual(
      warned('{id: a, effect: allow, shell: {pty: true, mode: observed}, tests: {match: [pty]}}'),
      ['3 rules.0.shell.mode: nothing that is typed in an observed shell is judged'],
    )
    assert.deepEqual(
      warned('{id: a, effect: allow, shell: {pty: true, mode: guarded}, tests: {match: [pty]}}'),
      [],
    )
  })

  it('leave deny rules as wide as they are', () => {
    assert.deepEqual(warned('{id: a, effect: deny, run: {argv: [{any: true}]}' + tested + '}'), [])
    assert.deepEqual(
      warned('{id: a, effect: deny, run: {argv: [bash], rest: any}, tests: {match: [bash]}}'),
      [],
    )
  })
})
