import assert from 'node:assert/strict'
import { openShellJail } from '../decide/shell-jail.ts'
import { openRig, usualRules, type Rig, type RigOptions } from './rig.ts'

function runScript(script: string | Buffer, options: RigOptions = {}): Rig {
  const rig = openRig({ ...options, terminal: undefined })
  rig.shell.input(Buffer.from(script))
  rig.shell.endOfInput()
  return rig
}

describe('the guarded shell without a terminal', () => {
  it('runs nothing before all of its input is there and decided on', () => {
    const rig = openRig({ terminal: undefined })
    rig.type('id\nl')
    rig.type('s\n')
    assert.deepEqual(rig.judged, [])
    rig.shell.endOfInput()
    assert.deepEqual(rig.sends(), ["'id'", "'ls'"])
    assert.deepEqual(rig.runs[0]?.done, [])
    assert.deepEqual(rig.exits, [0])
    assert.equal(rig.seen(), '')
  })

  it('refuses a whole script for one line, with its number and the reason', () => {
    for (const [script, said] of [
      ['id\nrm x\n', 'line 2: denied by rule no-rm: not by hand'],
      ['#!/bin/sh\n\nid\ncat <<E\nrm x\nE\n', 'line 4: denied by rule unparsable: .*'],
      ['if true\nthen id\nfi', 'line 1: denied by rule unparsable: .*reserved word if.*'],
      ['id \\\n  -u\n', 'line 1: denied by rule unparsable: .*a backslash at the end'],
      ["id 'a\nb'\n", 'line 1: denied by rule unparsable: .*single quote.*'],
      ['id\r\nls\r\n', 'line 1: denied by rule bytes: .*'],
      ['id\nexit 0\nrm x', 'line 3: denied by rule no-rm: not by hand'],
      ['cd /etc\nid\n', 'line 1: denied by rule default: .*'],
      ['id\nset -e\n', 'line 2: denied by rule unparsable: .*'],
      ['export LD_PRELOAD=x\nid\n', 'line 1: no rule allows the variable "LD_PRELOAD".*'],
    ] as const) {
      const rig = runScript(script)
      assert.deepEqual(rig.sends(), [], script)
      assert.match(rig.seen(2), new RegExp(`^sallyport: ${said}\nsallyport: no line`, 'm'))
      assert.equal(rig.seen(1), '')
      assert.deepEqual(rig.exits, [126])
    }
  })

  it('refuses a script that is too long, too slow, or no text', () => {
    const long = openRig({ terminal: undefined, limits: { script: 8 } })
    long.type('id\n')
    long.type('ls -la')
    assert.match(long.seen(2), /the script is longer than 8 bytes/)
    assert.equal(long.shell.wantsInput, false)
    long.shell.endOfInput()
    assert.deepEqual(long.exits, [126])

    const slow = openRig({ terminal: undefined, limits: { scriptTime: 5000 } })
    slow.type('id\n')
    slow.passTime()
    slow.shell.endOfInput()
    assert.match(slow.seen(2), /standard input did not end within 5 seconds/)

    const many = runScript('id\n'.repeat(4), { limits: { scriptLines: 3 } })
    assert.match(many.seen(2), /more than 3 commands/)
    const bytes = runScript(Buffer.from([0x69, 0x64, 0xff]))
    assert.match(bytes.seen(2), /not UTF-8/)
    for (const rig of [long, slow, many, bytes]) assert.deepEqual(rig.sends(), [])
  })

  it('runs one command after the other, each with empty input, and ends with the last status', () => {
    const rig = runScript('id\n\n# why\nls\n', { stays: true })
    assert.deepEqual(rig.sends(), ["'id'"])
    assert.deepEqual(rig.runs[0]?.done, ['end of input'])
    rig.runs[0]?.sink.output(2, Buffer.from('a\n'))
    rig.runs[0]?.end({ kind: 'status', status: 9 })
    assert.deepEqual(rig.sends(), ["'id'", "'ls'"])
    rig.runs[1]?.end({ kind: 'status', status: 4 })
    assert.deepEqual(rig.exits, [4])
    assert.equal(rig.seen(2), 'a\n')
  })

  it('stops at the first failure only where the script says so', () => {
    const failing: RigOptions = { outcome: () => ({ kind: 'status', status: 5 }) }
    assert.deepEqual(runScript('id\nls', failing).sends(), ["'id'", "'ls'"])
    const strict = runScript('#!/bin/sh\nset -e\nid\nls\n', failing)
    assert.deepEqual(strict.sends(), ["'id'"])
    assert.deepEqual(strict.exits, [5])
    const held = runScript('id\nls', { outcome: () => ({ kind: 'notRun', status: 124 }) })
    assert.deepEqual(held.sends(), ["'id'"])
    assert.deepEqual(held.exits, [124])
  })

  it('keeps folder and variables as they are at each line', async () => {
    const rig = runScript(
      'cd ./a\nexport LANG=C\nls one\ncd\nunset LANG\npwd\nls two\nexit 3\nls no',
    )
    assert.deepEqual(rig.sends(), [
      "'export' 'LANG=C'\n'cd' './a' || exit\n'ls' 'one'",
      "'ls' 'two'",
    ])
    assert.equal(rig.seen(1), '~\n')
    assert.deepEqual(rig.exits, [3])
    const jail = openShellJail({ stubs: ['ls'] })
    try {
      for (const shell of ['bash', 'dash'] as const)
        assert.deepEqual(await jail.run(shell, rig.sends()), [[], ['["ls","two"]']])
    } finally {
      jail.remove()
    }
  })

  it('is stopped by a signal', () => {
    const rig = runScript('cat\nls', { stays: true })
    rig.shell.signal('INT')
    assert.deepEqual(rig.runs[0]?.done, ['end of input', 'INT'])
    rig.runs[0]?.end()
    assert.deepEqual(rig.sends(), ["'cat'"])
    assert.deepEqual(rig.exits, [130])
    const early = openRig({ terminal: undefined })
    early.shell.signal('TERM')
    early.shell.endOfInput()
    assert.deepEqual(early.exits, [143])
  })

  it('does not begin a command while the agent takes no output', () => {
    const rig = openRig({ terminal: undefined })
    rig.type('id\n')
    rig.accepts.agent = false
    rig.shell.endOfInput()
    assert.deepEqual(rig.sends(), [])
    rig.accepts.agent = true
    rig.shell.resume()
    assert.deepEqual(rig.exits, [0])
  })

  it('gives up what runs when the channel is gone', () => {
    const rig = runScript('cat\nls', { stays: true })
    rig.shell.close()
    rig.runs[0]?.end()
    assert.deepEqual(rig.runs[0]?.done, ['end of input', 'close'])
    assert.deepEqual(rig.sends(), ["'cat'"])
    assert.deepEqual(rig.exits, [])
  })

  it('takes no line that nobody could resolve, whoever may send such lines', () => {
    const rules = [...usualRules, '{id: trusted, effect: allow, unresolved: allow}']
    const rig = runScript('id\ncat <<E\nls\nE\n', { rules })
    assert.match(rig.seen(2), /line 2: it cannot be resolved by itself/)
    assert.deepEqual(rig.sends(), [])
  })
})
