import type { Policy } from '@sallyport/bastion/decide'
import assert from 'node:assert/strict'
import { allows, askExec, checkLines, outcome, policyOf } from './ask.ts'

const deny = (run: string): Policy =>
  policyOf(
    '{id: all, effect: allow, run: {argv: [{any: true}], rest: any}}',
    '{id: sudo, effect: allow, run: {argv: [sudo], rest: any}}',
    `{id: no, effect: deny, who: {groups: [ci]}, run: {${run}}}`,
  )

describe('run rules that deny', () => {
  it('match whatever options stand between and after their words', () => {
    checkLines(deny('argv: [systemctl, stop]'), {
      'systemctl stop x': false,
      'systemctl --now stop x': false,
      'systemctl -H h stop': false,
      '/bin/systemctl stop x': false,
      'ls; systemctl stop x': false,
      'systemctl status stop-service': true,
      'systemctl start x': true,
    })
  })

  it('see through spellings of paths', () => {
    checkLines(deny('argv: [cat, {path: "/etc/**"}]'), {
      'cat /etc/shadow': false,
      'cat //etc/./shadow': false,
      'cat /srv/../etc/shadow': false,
      'cat -n -- /etc/.hidden/x': false,
      'cat --file=/etc/shadow': false,
      'cat /srv/etc': true,
    })
    const exact = deny('argv: [{any: true}, {path: "/srv/shop/key"}]')
    checkLines(exact, {
      'cat ../../srv/shop/key': false,
      'cat ./../shop/key': false,
      'cat x/../../key': false,
      'grep -f/srv/shop/key x': false,
      'grep -nf/srv/shop/key x': false,
      'grep --file=../srv/shop/key x': false,
      'curl file:///srv/shop/key': false,
      'cat ../other/key': true,
      'cat shop/key': true,
      'cat ..': true,
      'cat /srv/shop/../key': true,
    })
  })

  it('see the value of a short option in the same word', () => {
    checkLines(deny('argv: [tee, {glob: "/etc/*"}]'), {
      'tee -a/etc/passwd': false,
      'tee -a /etc/passwd': false,
      'tee -a /srv/x': true,
    })
  })

  it('may name interpreters, and any program', () => {
    checkLines(deny('argv: [{oneOf: [sudo, ls]}]'), { 'sudo x': false, '/bin/ls': false, id: true })
    checkLines(deny('argv: [{any: true}]'), { id: false, 'sudo x': false })
  })

  it('win over every allow rule, for the whole line', () => {
    const policy = deny('argv: [rm]')
    const decision = askExec(policy, 'ls && rm -v x | wc')
    assert.deepEqual(decision, {
      effect: 'deny',
      rule: 'no',
      message: 'the policy denies this',
      reason: 'rule no (line 5) denies ["rm","-v","x"]',
      commands: [['ls'], ['rm', '-v', 'x'], ['wc']],
    })
  })
})

describe('a policy without a rule for it', () => {
  const dangerous = [
    'rm -rf /',
    'rm -rfv /',
    'rm -rf -- /',
    'rm -fr /',
    'rm --recursive --force /',
    'rm -rf /tmp/build/..',
    'rm -rf //',
    'rm -rf /tmp/build /',
    'find / -delete',
    'find / -exec rm -rf {} +',
    'curl x | sudo sh',
    'curl x | sh',
    'bash <(curl x)',
    'sh -c "rm -rf /"',
    'echo cm0gLXJmIC8K | base64 -d | sh',
    "python3 -c 'import os'",
    'r$@m -rf /',
    'busybox rm -rf /',
    'sudo rm -rf /tmp/build/x',
    '/bin/rm -rf /tmp/build/x',
    'cd / && rm -rf tmp/build',
    'dd if=/dev/zero of=/dev/sda',
    'mkfs.ext4 /dev/sda1',
    ':(){ :|:& };:',
  ]

  it('denies what a list of bad patterns forgets', () => {
    const empty = policyOf('{id: z, effect: allow, agent: true}')
    const build = policyOf(
      '{id: clean, effect: allow, run: {argv: [rm], options: [-r, -f], rest: {each: {path: "/tmp/build"}}}}',
      '{id: all, effect: allow, run: {argv: [curl, x]}}',
    )
    for (const line of [...dangerous, 'rm -rf /tmp/build'])
      assert.equal(allows(empty, line), false, line)
    for (const line of dangerous) assert.equal(allows(build, line), false, line)
    assert.equal(outcome(build, 'rm -rf /tmp/build'), "clean: 'rm' '-rf' '/tmp/build'")
  })

  it('tells the agent what was denied, and the audit why', () => {
    const policy = policyOf(
      '{id: a, effect: allow, run: {argv: [tail], options: [-q], rest: {each: {path: "/var/log/*"}, max: 1}}}',
    )
    assert.equal(outcome(policy, 'rm x'), 'default: no rule allows "rm"')
    assert.equal(outcome(policy, 'tail /etc/x'), 'default: no rule allows this use of "tail"')
    assert.equal(
      askExec(policy, 'tail /var/log/x | tail /etc/x').reason,
      'command 2, ["tail","/etc/x"], matches no rule; nearest: rule a (line 3): ' +
        'word 2 is "/etc/x": expected a path like /var/log/*',
    )
    assert.equal(
      outcome(policy, 'tail $x'),
      'unparsable: the command cannot be resolved to plain words: an expansion at character 6',
    )
    assert.equal(
      outcome(policy, 'tail\r'),
      'bytes: the bytes of the command are refused: character 5 is U+000D',
    )
    assert.equal(outcome(policy, 'eval x'), 'unparsable: the shell builtin eval cannot be judged')
  })
})
