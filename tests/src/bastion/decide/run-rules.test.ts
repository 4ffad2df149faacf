import assert from 'node:assert/strict'
import type { Policy } from '@sallyport/bastion/decide'
import { allows, checkLines, outcome, policyOf } from './ask.ts'

const allow = (run: string): Policy => policyOf(`{id: a, effect: allow, run: {${run}}}`)

describe('run rules that allow', () => {
  it('match literal words in order', () => {
    checkLines(allow('argv: [git, -C, /srv, status]'), {
      'git -C /srv status': true,
      '\'git\' "-C" /srv status': true,
      'git status -C /srv': false,
      'git -C /srv': false,
      'git -C /srv status -v': false,
      'git -C /srv status x': false,
      '/usr/bin/git -C /srv status': false,
      'git -C /srv -- status': true,
    })
  })

  it('match oneOf, glob, path, int and any', () => {
    checkLines(
      allow(
        'argv: [x, {oneOf: [a, b]}, {glob: "*.txt"}, {path: "/p/**"}, {int: [1, 9]}, {any: true}]',
      ),
      {
        'x a f.txt /p/q 5 z': true,
        'x c f.txt /p/q 5 z': false,
        'x a d/f.txt /p/q 5 z': false,
        'x a ../f.txt /p/q 5 z': false,
        'x a .txt /p/q 5 z': false,
        'x a -f.txt /p/q 5 z': false,
        'x a -- -f.txt /p/q 5 z': false,
        'x a f.txt /p/../q 5 z': false,
        'x a f.txt /p/q 05 z': false,
        'x a f.txt /p/q 10 z': false,
        'x a f.txt /p/q 5e0 z': false,
        'x a f.txt /p/q 5 -z': false,
        'x a f.txt /p/q 5 -- -z': false,
        'x a f.txt /p/q 5 -': true,
        'x a f.txt /p/q 5 ""': true,
        'x a f.txt /p/q 5 "a\nb"': false,
      },
    )
  })

  it('understand options in any order, joined and with values', () => {
    checkLines(
      allow(
        'argv: [x, go], options: [-a, -b, {-n: {int: [1, 9]}}, --long, {--size: {int: [1, 9]}}, -word]',
      ),
      {
        'x go': true,
        'x -a go -b': true,
        'x -ab go': true,
        'x -ban 5 go': true,
        'x -abn5 go': true,
        'x go -n 5': true,
        'x go -n 50': false,
        'x go -n': false,
        'x go -n5a': false,
        'x -na go': false,
        'x -ac go': false,
        'x go --long --size=5': true,
        'x go --size 5': true,
        'x go --size': false,
        'x go --size=': false,
        'x go --long=5': false,
        'x go --lon': false,
        'x go -word': true,
        'x -- go': true,
        'x -- -a go': false,
        'x go --other': false,
      },
    )
  })

  it('take an optional value only when it is attached', () => {
    checkLines(
      allow('argv: [x], options: [--color, {--color: {oneOf: [auto]}}, -s, {-s: {any: true}}]'),
      {
        'x --color': true,
        'x --color=auto': true,
        'x --color=never': false,
        'x --color auto': false,
        'x -sauto': true,
        'x -s auto': false,
      },
    )
  })

  it('let the rest be bounded or free', () => {
    checkLines(allow('argv: [x], rest: {each: {path: "/p/*"}, max: 2}'), {
      x: true,
      'x /p/a /p/b': true,
      'x /p/a /p/b /p/c': false,
      'x /p/a /q': false,
      'x -v': false,
    })
    checkLines(allow('argv: [x, go], rest: any'), {
      'x go -anything --at=all -- -here': true,
      'x -v go': false,
      x: false,
    })
    checkLines(allow('argv: [x], options: [-v], rest: any'), { 'x -v a b': true, 'x -w a': false })
  })

  it('tell standard input from a pipe', () => {
    const lines = { wc: false, 'ls | wc': true, 'ls && wc': false, 'ls | wc | wc': true }
    checkLines(
      policyOf(
        '{id: a, effect: allow, run: {argv: [ls]}}',
        '{id: b, effect: allow, run: {argv: [wc], stdin: pipe}}',
      ),
      lines,
    )
    checkLines(
      policyOf(
        '{id: a, effect: allow, run: {argv: [ls]}}',
        '{id: b, effect: allow, run: {argv: [wc], stdin: client}}',
      ),
      { wc: true, 'ls | wc': false, 'ls & wc': true },
    )
  })

  it('refuse redirects that are not listed', () => {
    checkLines(allow('argv: [x], redirects: {write: [/out/*], read: [/in/*]}'), {
      'x > /dev/null 2>&1 < /dev/null': true,
      'x > /out/a 2>> /out/b < /in/a': true,
      'x > /in/a': false,
      'x < /out/a': false,
      'x > out/a': false,
      'x > /etc/cron.d/x': false,
      'x > /out/../etc/cron.d/x': false,
      'x > /dev/tcp/h/80': false,
    })
    checkLines(allow('argv: [x], redirects: {write: [/**], read: [/**]}'), {
      'x > /dev/tcp/h/80': false,
      'x < /dev/udp/h/80': false,
      'x > //dev/tcp/h/80': false,
    })
    checkLines(allow('argv: [x]'), {
      'x > /tmp/a': false,
      'x < /etc/passwd': false,
      'x 2>/dev/null': true,
    })
  })

  it('never reach an interpreter or a wrapper by a pattern', () => {
    for (const head of ['{any: true}', '{glob: "*"}', '{glob: "*/*"}', '{path: "/**"}'])
      for (const program of [
        'sh',
        'bash',
        'python3.12',
        'sudo',
        'find',
        'ssh-agent',
        'ld-linux-x86-64.so.2',
        'chdir',
        'cd',
        '/bin/sh',
        'busybox',
        'ssh',
      ])
        assert.equal(allows(allow(`argv: [${head}], rest: any`), `${program} x`), false, program)
    checkLines(allow('argv: [{any: true}], rest: any'), { 'ls -l': true, '/bin/ls': true })
    checkLines(allow('argv: [sudo, -n, ls]'), {
      'sudo -n ls': true,
      'sudo ls': false,
      'sudo -n -u x ls': false,
    })
  })

  it('never allow builtins that run or change things', () => {
    for (const line of [
      'eval x',
      '. x',
      'exec x',
      'command x',
      'export A=b',
      'printf -v a b',
      "test -v 'a[0]'",
      'trap x EXIT',
    ])
      assert.equal(
        outcome(allow('argv: [{any: true}], rest: any'), line).split(':')[0],
        'unparsable',
        line,
      )
    for (const line of ['printf -v a b', "test -v 'a[0]'"])
      assert.equal(allows(allow(`argv: [${line.split(' ', 1)[0]}], rest: any`), line), false)
    checkLines(allow('argv: [printf], rest: any'), {
      "printf '%s\\n' a": true,
      "printf '%d' 'a[$(x)]'": false,
    })
    checkLines(allow('argv: [test], rest: any'), { 'test -f /x': true, "test '`x`' -eq 1": false })
  })

  it('never take an option for another that only looks like it', () => {
    const policy = allow('argv: [x], rest: any')
    assert.equal(
      outcome(policy, 'x -\u0430'),
      'unparsable: the option "-\u0430" is not plain ASCII',
    )
    checkLines(policy, { 'x --\u0430=b': false, 'x --a=\u0430': true, 'x \u0430': true })
  })

  it('match the commands by which files are moved', () => {
    checkLines(allow('argv: [scp, -t, {path: "/srv/**"}]'), {
      'scp -t /srv/x': true,
      "scp -t '/srv/$(id)'": true,
      'scp -f /srv/x': false,
    })
    checkLines(allow('argv: [rsync, --server, -logDtpre.iLsfxCIvu, ., {path: "/srv/**"}]'), {
      'rsync --server -logDtpre.iLsfxCIvu . /srv/x/': true,
      'rsync --server --sender -logDtpre.iLsfxCIvu . /srv/x/': false,
    })
    checkLines(allow("argv: [git-upload-pack, {path: '/srv/*.git'}]"), {
      "git-upload-pack '/srv/x.git'": true,
      "git-upload-pack '--x' '/srv/x.git'": false,
    })
    checkLines(allow('argv: [/usr/lib/openssh/sftp-server]'), {
      '/usr/lib/openssh/sftp-server': true,
      '/usr/lib/openssh/sftp-server -f x': false,
      'sftp-server': false,
    })
  })
})
