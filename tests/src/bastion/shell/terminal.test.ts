import assert from 'node:assert/strict'
import type { Decision } from '@sallyport/bastion/decide'
import { openRig } from './rig.ts'

const prompt = 'deploy@web-1:~$ '

describe('the guarded shell with a terminal', () => {
  it('sends the decision and nothing else, and shows what comes back', () => {
    const rig = openRig({ output: 'one\ntwo' })
    rig.type('ls   -l "a b"\r')
    assert.deepEqual(rig.sends(), ["'ls' '-l' 'a b'"])
    assert.equal(rig.runs[0]?.command.title, 'ls   -l "a b"')
    assert.ok(rig.seen().includes('one\r\ntwo'))
    assert.match(rig.seen(), /two.*\r\n.*deploy@web-1:~\$ $/)
    assert.equal(rig.seen(2), '')
  })

  it('names the rule that denies, and keeps 126 as the status', () => {
    const rig = openRig()
    rig.type('rm x\r')
    assert.ok(rig.seen().includes('\r\nsallyport: denied by rule no-rm: not by hand\r\n'))
    assert.ok(rig.seen().endsWith(`(126) ${prompt}`))
    rig.type('exit\r')
    assert.deepEqual(rig.exits, [126])
  })

  it('tells the status of the last command, and ends with it', () => {
    const rig = openRig({ outcome: () => ({ kind: 'signal', name: 'KILL' }) })
    rig.type('id\r')
    assert.ok(rig.seen().endsWith(`(137) ${prompt}`))
    rig.type('\x04')
    assert.deepEqual(rig.exits, [137])
    assert.equal(rig.shell.wantsInput, false)
    rig.type('id\r')
    assert.equal(rig.runs.length, 1)
    for (const [line, status] of [
      ['exit 7', 7],
      ['logout', 0],
    ] as const) {
      const other = openRig()
      other.type(`${line}\r`)
      assert.deepEqual(other.exits, [status])
    }
    const other = openRig()
    other.type('exit 256\rexit x\rexit 1 2\r')
    assert.deepEqual(other.exits, [])
    assert.ok(other.seen().endsWith(`(2) ${prompt}`))
  })

  it('gives typing to the command that runs, line by line, and never to the editor', () => {
    const rig = openRig({ stays: true })
    rig.type('cat\r')
    const [cat] = rig.runs
    rig.type('on\x7fne\x1b[A\ttwo\r')
    rig.type('gone\x15rest\x04')
    rig.type('\x1b[200~p\r\nq\x1b[201~')
    assert.equal(cat?.input(), 'one\ttwo\nrestp\n')
    assert.ok(rig.seen().includes('on\b \bne^Itwo\r\n'))
    rig.type('\x04\x04')
    rig.type('more\r')
    assert.equal(cat?.input(), 'one\ttwo\nrestp\nq')
    assert.deepEqual(cat?.done, ['end of input'])
    cat?.end()
    assert.ok(rig.seen().endsWith(prompt))
    assert.equal(rig.runs.length, 1)
  })

  it('interrupts a command, and gives it up when it does not end', () => {
    const twice = openRig({ stays: true })
    twice.type('cat\r\x03')
    assert.deepEqual(twice.runs[0]?.done, ['INT'])
    twice.type('\x03')
    assert.deepEqual(twice.runs[0]?.done, ['INT', 'close'])
    assert.ok(twice.seen().endsWith(`(130) ${prompt}`))
    twice.runs[0]?.sink.output(1, Buffer.from('late'))
    twice.runs[0]?.end()
    assert.ok(!twice.seen().includes('late'))

    const later = openRig({ stays: true })
    later.type('cat\r\x1c')
    later.passTime()
    assert.deepEqual(later.runs[0]?.done, ['QUIT', 'close'])

    const obeyed = openRig({ stays: true })
    obeyed.type('cat\r\x03')
    assert.equal(obeyed.timers(), 1)
    obeyed.runs[0]?.end({ kind: 'signal', name: 'INT' })
    assert.equal(obeyed.timers(), 0)
    obeyed.type('id\r')
    obeyed.passTime()
    assert.deepEqual(obeyed.runs[1]?.done, [])
  })

  it('takes signals of the agent like keys', () => {
    const rig = openRig({ stays: true })
    rig.type('half')
    rig.shell.signal('INT')
    rig.type('cat\r')
    assert.deepEqual(rig.sends(), ["'cat'"])
    rig.shell.signal('TERM')
    rig.shell.signal('USR1')
    rig.shell.signal('INT')
    assert.deepEqual(rig.runs[0]?.done, ['TERM', 'INT'])
    rig.runs[0]?.end()
    rig.shell.signal('TERM')
    assert.deepEqual(rig.exits, [143])
  })

  it('ends at the end of input, after the command that runs', () => {
    const rig = openRig({ stays: true })
    rig.type('cat\r')
    rig.shell.endOfInput()
    assert.deepEqual(rig.runs[0]?.done, ['end of input'])
    assert.deepEqual(rig.exits, [])
    rig.runs[0]?.end({ kind: 'status', status: 3 })
    assert.deepEqual(rig.exits, [3])
  })

  it('gives up what runs when the channel is gone, and says no more', () => {
    const rig = openRig({ stays: true })
    rig.type('cat\r\x03')
    const seen = rig.seen()
    rig.shell.close()
    rig.passTime()
    rig.runs[0]?.sink.output(1, Buffer.from('late'))
    rig.runs[0]?.end()
    assert.deepEqual(rig.runs[0]?.done, ['INT', 'close'])
    assert.equal(rig.seen(), seen)
    assert.deepEqual(rig.exits, [])
  })

  it('holds input while the agent or the target takes no more, and has a bound for it', () => {
    const rig = openRig({ stays: true, limits: { backlog: 16 } })
    assert.equal(rig.shell.wantsInput, true)
    rig.accepts.agent = false
    assert.equal(rig.shell.wantsInput, false)
    rig.type('cat\r')
    assert.deepEqual(rig.sends(), [])
    rig.accepts.agent = true
    rig.shell.resume()
    assert.deepEqual(rig.sends(), ["'cat'"])
    rig.accepts.target = false
    rig.type('held\r')
    assert.equal(rig.runs[0]?.input(), '')
    assert.equal(rig.shell.wantsInput, false)
    rig.accepts.target = true
    rig.shell.resume()
    assert.equal(rig.runs[0]?.input(), 'held\n')
    assert.equal(rig.shell.wantsInput, true)

    rig.accepts.target = false
    rig.type('0123456789')
    rig.type('012\x03')
    assert.deepEqual(rig.runs[0]?.done, ['INT'])
    rig.accepts.target = true
    rig.shell.resume()
    assert.equal(rig.runs[0]?.input(), 'held\n')
    rig.accepts.target = false
    rig.type('0123456789')
    rig.type('0123456789')
    assert.deepEqual(rig.exits, [1])
    assert.deepEqual(rig.runs[0]?.done, ['INT', 'close'])
  })

  it('takes much input in several turns, in order, and none after its end', () => {
    const rig = openRig()
    const lines = Array.from({ length: 2000 }, (_, at) => `ls ${at}`)
    rig.type(lines.join('\r'))
    assert.ok(rig.runs.length < 1000)
    assert.equal(rig.shell.wantsInput, false)
    while (!rig.shell.wantsInput) rig.passTime()
    rig.type('\r')
    assert.deepEqual(
      rig.runs.map(({ command }) => command.title),
      lines,
    )
    rig.type(lines.join('\r'))
    rig.shell.close()
    rig.passTime()
    assert.ok(rig.runs.length < 3000)
  })

  it('lets a held command wait, and no folder', () => {
    const held = (line: string): Decision => ({
      effect: 'approve',
      rule: 'ask',
      terms: [],
      judged: true,
      commands: [],
      send: Buffer.from(`canonical ${line}`),
      reason: 'asked',
    })
    const rig = openRig({ stays: true, decide: held })
    rig.type('cd /srv/shop\r')
    assert.match(rig.seen(), /denied by rule ask: this needs approval/)
    rig.type('restart\r')
    assert.equal(rig.runs[0]?.command.decision.effect, 'approve')
    assert.deepEqual(rig.sends(), ['canonical restart'])
    rig.runs[0]?.sink.output(2, Buffer.from('waiting\n'))
    assert.ok(rig.seen().endsWith('\r\nwaiting\r\n'))
    rig.runs[0]?.end({ kind: 'notRun', status: 124 })
    assert.ok(rig.seen().endsWith(`(124) ${prompt}`))
  })

  it('does by itself only what stands alone on its line', () => {
    const rig = openRig()
    rig.type('cd ./a; id\rexit; id\rexport LANG=C >f\rpwd &\r')
    assert.deepEqual(rig.sends(), ["'cd' './a' ; 'id'"])
    assert.deepEqual(rig.exits, [])
    assert.ok(rig.seen().endsWith(`(126) ${prompt}`))
  })

  it('asks the policy for names once for what comes at once, however often it completes', () => {
    let asked = 0
    const rig = openRig({
      programs: () => {
        asked += 1
        return ['id', 'ls']
      },
    })
    rig.type('\t'.repeat(1000))
    assert.equal(asked, 1)
    rig.type('\t')
    assert.equal(asked, 2)
  })

  it('completes command words from the names that it is given, and nothing else', () => {
    const rig = openRig()
    rig.type('ho\t-f\r')
    assert.equal(rig.judged.at(-1)?.line, 'hostname -f')
    rig.type('h\t')
    assert.ok(rig.seen().includes('\r\nhead  help  history  hostname\r\n'))
    rig.type('is\tx\r')
    assert.match(rig.seen(), /history x/)
    rig.type('cat s\t\r')
    assert.equal(rig.judged.at(-1)?.line, 'cat s')
  })

  it('says what it is, and lists its own lines', () => {
    const rig = openRig()
    rig.type('help\rrm x\rhistory\r')
    assert.match(rig.seen(), /This is the bastion's shell, not the target's\./)
    assert.match(rig.seen(), /1 {2}help\r\n2 {2}rm x\r\n3 {2}history\r\n/)
    assert.deepEqual(rig.sends(), [])
  })

  it('leaves out modes and colours on a terminal that has none', () => {
    const rig = openRig({ terminal: { type: 'dumb', cols: 0, rows: 0 }, output: 'x\n' })
    rig.type('id\r')
    rig.type('exit\r')
    assert.ok(!rig.seen().includes('\x1b'))
  })

  it('refuses what is too long, and says so', () => {
    const rig = openRig({ limits: { line: 8, paste: 16 } })
    rig.type('ls 345678\r')
    assert.equal(rig.judged.at(-1)?.line, 'ls 34567')
    rig.type('id \x1b[200~123456789012345678\x1b[201~a\r')
    assert.match(rig.seen(), /sallyport: the paste is too long/)
    assert.equal(rig.judged.at(-1)?.line, 'id a')
    rig.type('\x1b[200~id\n\x1b[31m\x1b[201~\r')
    assert.equal(rig.runs.length, 2)
  })

  it('drops the rest of a paste when a command did not get to the target', () => {
    const rig = openRig({ outcome: () => ({ kind: 'notRun', status: 124 }) })
    rig.type('\x1b[200~id\nls\nid\x1b[201~\r')
    assert.deepEqual(rig.sends(), ["'id'"])
    assert.match(rig.seen(), /the rest of the paste was dropped, lines: 2/)
  })
})
