import assert from 'node:assert/strict'
import type { Policy } from '@sallyport/bastion/decide'
import { allows, askExec, checkLines, outcome, policyOf, problemsOf } from './ask.ts'

describe('rules and the programs that run others', () => {
  it('ask nothing for a wrapper that only changes circumstances', () => {
    const policy = policyOf(
      '{id: a, effect: allow, run: {argv: [rm, {path: "/srv/*"}], options: [-f]}}',
      '{id: v, effect: allow, env: {A: b}}',
    )
    checkLines(policy, {
      'nice rm /srv/x': true,
      'nohup timeout 5 env A=b nice -n 5 rm -f /srv/x &': true,
      'nice rm /etc/x': false,
      'nice -x rm /srv/x': false,
      'env PATH=/tmp rm /srv/x': false,
      'env LD_PRELOAD=/srv/x rm /srv/x': false,
      '/srv/nice rm /srv/x': false,
      './nice rm /srv/x': false,
      nice: false,
      'sudo rm /srv/x': false,
      'nice eval x': false,
      'nice sh': false,
      "nice 'r\u043c' /srv/x": false,
      'flock /srv/l rm /srv/x': false,
    })
    assert.equal(
      outcome(policy, 'sudo -s rm /srv/x'),
      'unparsable: the option "-s" of sudo is not understood',
    )
    assert.equal(outcome(policy, 'nice rm /etc/x'), 'default: no rule allows this use of "rm"')
    assert.equal(outcome(policy, 'sudo id'), 'default: no rule allows "id" as root')
    assert.equal(
      outcome(policy, 'nice eval x'),
      'unparsable: the shell builtin eval cannot be judged',
    )
  })

  it('let a wrapper set only the variables that a request may set', () => {
    const policy = policyOf(
      '{id: m, effect: allow, run: {argv: [make, deploy]}}',
      '{id: r, effect: allow, run: {as: [root], argv: [id]}}',
      '{id: v, effect: allow, env: {APP_COLOUR: {any: true}}}',
      '{id: n, effect: deny, env: {APP_COLOUR: red}}',
    )
    checkLines(policy, {
      'env APP_COLOUR=blue LANG=C make deploy': true,
      'env -i -u HTTP_PROXY make deploy': true,
      'env MAKEFILES=/tmp/x make deploy': false,
      'env APP_COLOUR=red make deploy': false,
      'env APP_COLOUR=blue nice env GNUMAKEFLAGS=--eval=x make deploy': false,
      'sudo APP_COLOUR=blue id': true,
      'sudo APP_MODE=x id': false,
    })
    assert.equal(
      outcome(policy, 'env MAKEFILES=/tmp/x make deploy'),
      'default: no rule allows the variable "MAKEFILES"',
    )
    const whole = policyOf(
      '{id: e, effect: allow, run: {argv: [env], rest: any}}',
      '{id: n, effect: deny, env: {APP_COLOUR: red}}',
    )
    checkLines(whole, { 'env A=b id': true, 'env A=b APP_COLOUR=red id': false })
  })

  it('allow an account only where they name it', () => {
    const policy = policyOf(
      '{id: r, effect: allow, run: {as: [root, ops], argv: [id]}}',
      '{id: p, effect: allow, run: {argv: [ls]}}',
    )
    checkLines(policy, {
      'sudo id': true,
      'sudo -n -u ops -- id': true,
      'su -c id ops': true,
      'runuser -u ops -- nice id': true,
      'doas -u ops id': true,
      'sudo -u bob id': false,
      id: false,
      ls: true,
      'sudo ls': false,
      'sudo nice id': true,
      'nice sudo id': true,
      'sudo -u bob sudo id': true,
      'sudo sudo -u bob id': false,
    })
    assert.match(
      askExec(policy, 'sudo -u bob id').reason,
      /\["id"\] as bob through sudo, matches no rule; nearest: rule r \(line 3\): word 2: expected the account root or ops/,
    )
  })

  it('see the same in the examples of a rule', () => {
    const rule = (tests: string): string =>
      `{id: r, effect: allow, run: {as: [root], argv: [id]}, tests: ${tests}}`
    policyOf(rule('{match: [sudo id, sudo nice id], no_match: [id, sudo -u bob id, sudo -s id]}'))
    const [problem] = problemsOf(rule('{match: [id]}'))
    assert.equal(problem?.message, '"id" should match: word 2: expected the account root')
    assert.equal(
      problemsOf('{id: d, effect: deny, run: {as: [root], argv: [id]}}')[0]?.path,
      'rules.0.run.as',
    )
  })

  it('deny what stands in a wrapper, also where it cannot be followed', () => {
    const policy = policyOf(
      ...'sudo env sh find xargs busybox ssh nice su fish prlimit'
        .split(' ')
        .map((program) => `{id: ${program}, effect: allow, run: {argv: [${program}], rest: any}}`),
      '{id: ls, effect: allow, run: {argv: [ls], rest: any}}',
      '{id: no, effect: deny, run: {argv: [rm, -rf]}}',
    )
    const denied = [
      'sudo rm -rf x',
      'sudo -s rm -rf x',
      'sudo A=b -n rm -rf x',
      'nice sudo A=b -u bob rm -rf x',
      'env -S "rm -rf x"',
      "env '-Srm -rf x'",
      "env '-iSrm -rf x'",
      "env -S 'rm\\_-rf\\_x'",
      "su '-crm -rf x'",
      "fish -c 'rm -rf x'",
      'prlimit --nofile=9 rm -rf x',
      "sh -c 'rm -rf $x'",
      "sh -c 'ls; rm -v -rf x'",
      "sh -c 'echo `rm -rf x`'",
      'find . -exec rm -rf {} +',
      'find . -exec rm {} -rf \\;',
      'find . -delete',
      'find . -ok rm -rf {} \\;',
      'ls | xargs rm',
      'ls | xargs -I% rm %',
      'busybox rm -rf x',
      'ssh h rm -rf x',
      'nice /srv/bin/rm -rf x',
      '/tmp/nice rm -rf x',
      'sudo nice env A=b timeout 5 sh -c "sh -c \'rm -rf x\'"',
    ]
    for (const line of denied)
      assert.equal(outcome(policy, line), 'no: the policy denies this', line)
    checkLines(policy, {
      'sudo rm x': true,
      'sudo -s ls': true,
      "sh -c 'ls $x'": true,
      'find . -exec ls -rf {} +': true,
    })
    const pattern = policyOf(
      '{id: busybox, effect: allow, run: {argv: [busybox], rest: any}}',
      '{id: no, effect: deny, run: {argv: [{glob: "r?"}, x]}}',
    )
    checkLines(pattern, {
      'busybox ls rm y x': false,
      'busybox ls rm y': true,
      'busybox x rm': true,
    })
    const outer = policyOf(
      '{id: id, effect: allow, run: {argv: [id]}}',
      '{id: no, effect: deny, run: {argv: [{oneOf: [nice, sudo]}]}}',
    )
    checkLines(outer, {
      id: true,
      'nice id': false,
      'timeout 5 nice id': false,
      '/bin/nice id': false,
    })
  })

  it('allow words that nobody knows only where any words may follow', () => {
    const policy = policyOf(
      '{id: w, effect: allow, run: {argv: [wc], rest: any}}',
      '{id: g, effect: allow, run: {argv: [grep, {any: true}], options: [-i], rest: {each: {path: "/srv/**"}}}}',
      '{id: e, effect: allow, run: {argv: [echo], rest: any}}',
      '{id: f, effect: allow, run: {argv: [find, {path: "/srv/**"}], options: [{-name: {any: true}}]}}',
    )
    checkLines(policy, {
      'echo a | xargs wc': true,
      'echo a | xargs -n 1 wc -l': true,
      'echo a | xargs': true,
      'echo a | xargs grep x': false,
      'echo a | xargs -I% grep x %': false,
      'grep -i x /srv/a': true,
      'find /srv/a -name x -exec wc {} +': true,
      'find /srv/a -name x -exec grep x {} \\;': false,
      'find /srv/a -exec grep x /srv/b \\;': true,
      'find /srv/a -delete': false,
      'find /etc -exec wc {} +': false,
    })
  })

  it('send the text for an inner shell in words of ours, unless a rule spells it out', () => {
    const inner = '{id: i, effect: allow, run: {argv: [id], redirects: {write: [/srv/*]}}}'
    assert.equal(
      outcome(policyOf(inner), 'sh -c "id  >/srv/o; id"'),
      String.raw`i: 'sh' '-c' ''\''id'\'' >'\''/srv/o'\'' ; '\''id'\'''`,
    )
    const spelled = `{id: s, effect: allow, run: {argv: [sh, -c, "id  ;  id"]}}`
    assert.equal(outcome(policyOf(spelled), "sh -c 'id  ;  id'"), "s: 'sh' '-c' 'id  ;  id'")
    assert.equal(outcome(policyOf(inner, spelled), "sh -c 'id  ;  id'"), "s: 'sh' '-c' 'id  ;  id'")
    assert.deepEqual(askExec(policyOf(inner), "nice sh -c 'id'").effect, 'allow')
    const decision = askExec(policyOf(inner), "nice sh -c ' id #'")
    assert.ok(decision.effect === 'allow')
    assert.deepEqual(decision.commands, [['nice', 'sh', '-c', "'id'"]])
    assert.equal(allows(policyOf(inner), "sh -c 'id > /etc/x'"), false)
    assert.equal(allows(policyOf(inner), "sh -c 'id' > /etc/x"), false)
  })

  it('do not let quotes within quotes grow without bound', () => {
    const policy = policyOf('{id: a, effect: allow, run: {argv: [echo], rest: any}}')
    const quotes = `"${"'".repeat(2600)}"`
    assert.equal(allows(policy, `echo ${quotes}`), true)
    const once = `sh -c 'echo "${String.raw`'\''`.repeat(1900)}"'`
    assert.equal(allows(policy, once), true)
    const twice = `sh -c "sh -c 'echo \\"${String.raw`'\\''`.repeat(1500)}\\"'"`
    const refused = askExec(policy, twice)
    assert.equal(refused.effect, 'deny')
    assert.equal(refused.reason, 'longer than 49152 bytes once it is quoted')
  })
})

describe('a clean environment', () => {
  const clean = (...more: readonly string[]): Policy =>
    policyOf('{id: c, effect: allow, run: {clean_env: true, argv: [id], rest: any}}', ...more)
  const prefix =
    "'/usr/bin/env' '-i' 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' 'LANG=C.UTF-8' "

  it('is given to the whole line when any matching rule asks for it', () => {
    const ls = '{id: l, effect: allow, run: {argv: [ls]}}'
    assert.equal(outcome(clean(ls), 'id | ls'), `c,l: ${prefix}'id' | ${prefix}'ls'`)
    assert.equal(outcome(clean(ls), 'ls'), "l: 'ls'")
    assert.equal(outcome(clean(ls), 'nice id'), `c: ${prefix}'nice' 'id'`)
    const before = '{id: b, effect: allow, run: {argv: [id]}}'
    assert.equal(
      outcome(policyOf(before, '{id: c, effect: allow, run: {clean_env: true, argv: [id]}}'), 'id'),
      `b: ${prefix}'id'`,
    )
  })

  it('is not had by what only the shell itself can run', () => {
    const cd = '{id: cd, effect: allow, run: {argv: [cd, /srv]}}'
    assert.equal(outcome(clean(cd), 'cd /srv'), "cd: 'cd' '/srv'")
    assert.equal(
      outcome(clean(cd), 'cd /srv && id'),
      "unparsable: cd is the shell's own and has no clean environment",
    )
  })
})
