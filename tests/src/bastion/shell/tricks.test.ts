import assert from 'node:assert/strict'
import { openShellJail, type ShellJail } from '../decide/shell-jail.ts'
import { openRig, type Rig } from './rig.ts'

const refusedRm = /sallyport: denied by rule no-rm: not by hand\r\n/

/**
 * Keys by which a shell at the far end of a terminal runs what a watcher did not see or did not judge.
 * Here everything that goes to the target is run by real shells, which write down what they ran.
 */
describe('no trick of the keyboard', () => {
  let jail: ShellJail
  before(() => {
    jail = openShellJail({ stubs: ['id', 'ls', 'cat', 'head', 'rm', 'hostname'] })
  })
  after(() => jail.remove())

  async function ran(rig: Rig): Promise<readonly string[]> {
    const lines = rig.sends()
    const [bash, dash] = await Promise.all([jail.run('bash', lines), jail.run('dash', lines)])
    assert.deepEqual(bash, dash)
    const programs = bash.flat().map((argv): unknown => JSON.parse(argv))
    return programs.map((argv) => (Array.isArray(argv) ? argv.join(' ') : ''))
  }

  it('runs a line of the history by its number or its first letters', async () => {
    for (const event of ['!!', '!r', '!rm', '!-1', '^id^rm']) {
      const rig = openRig()
      rig.type('rm secret\rid\r')
      rig.type(`${event}\r`)
      assert.deepEqual(await ran(rig), ['id'], event)
      assert.equal(rig.judged.at(-1)?.line, event)
      assert.equal(rig.judged.at(-1)?.decision.effect, 'deny')
    }
    const rig = openRig()
    rig.type('rm secret\rid !! !rm\r')
    assert.deepEqual(await ran(rig), ['id !! !rm'])
  })

  it('runs a line that the up arrow brought back, unless it is judged again', async () => {
    const rig = openRig()
    rig.type('rm secret\r\x1b[A\r')
    assert.deepEqual(
      rig.judged.map(({ line, decision }) => `${decision.effect} ${line}`),
      ['deny rm secret', 'deny rm secret'],
    )
    rig.type('id a\r\x1bOA\x7fb\r\x10\r')
    assert.deepEqual(await ran(rig), ['id a', 'id b', 'id b'])
  })

  it('searches the history', async () => {
    const rig = openRig()
    rig.type('rm secret\rid\r')
    rig.type('\x12rm\r')
    assert.equal(rig.judged.at(-1)?.line, 'rm')
    assert.deepEqual(await ran(rig), ['id'])
  })

  it('reads a word without echo and runs it', async () => {
    const rig = openRig({ stays: true })
    rig.type('read -s x; $x\r')
    rig.type('rm hidden\r')
    assert.deepEqual(rig.sends(), [])
    assert.match(rig.seen(), /denied by rule unparsable/)
    assert.match(rig.seen(), refusedRm)
  })

  it('binds a key to a command', async () => {
    const rig = openRig()
    rig.type(String.raw`bind '"z":"rm macro\n"'` + '\r')
    rig.type('z')
    assert.deepEqual(rig.sends(), [])
    rig.type('\r')
    assert.deepEqual(rig.sends(), [])
    assert.deepEqual(rig.judged.at(-1)?.line, 'z')
  })

  it('runs a later line of a paste that the first hid', async () => {
    const rig = openRig()
    rig.type('\x1b[200~id\nrm pasted\nls\x1b[201~')
    assert.match(rig.seen(), refusedRm)
    assert.match(rig.seen(), /the rest of the paste was dropped, lines: 1\r\n/)
    assert.deepEqual(await ran(rig), ['id'])
    rig.type('\r')
    assert.deepEqual(await ran(rig), ['id'])

    const unbracketed = openRig()
    unbracketed.type('id\nrm pasted\nls\n')
    assert.match(unbracketed.seen(), refusedRm)
    assert.deepEqual(await ran(unbracketed), ['id', 'ls'])
  })

  it('ends a line by another key than the one that is watched', async () => {
    const rig = openRig()
    rig.type('rm ctrlj\n')
    assert.match(rig.seen(), refusedRm)
    rig.type('rm ctrlo\x0f')
    assert.equal(rig.judged.length, 1)
    rig.type('\x15id\n')
    rig.type('ls\r\n')
    assert.deepEqual(await ran(rig), ['id', 'ls'])
  })

  it('hides a command behind a prompt of its own making', async () => {
    const rig = openRig({ output: '$ id #' })
    rig.type("PS1='$ id #'\r")
    assert.match(rig.seen(), /denied by rule unparsable: .*an assignment/)
    rig.type('id\r')
    rig.type('rm spoof\r')
    assert.match(rig.seen(), /\$ id #.*\r\n.*deploy@web-1:~\$ rm spoof\r\n/)
    assert.match(rig.seen(), refusedRm)
    assert.deepEqual(await ran(rig), ['id'])
  })

  it('is helped by marks that the target prints', async () => {
    for (const output of [
      '\x1b[?1049h',
      '\x1b[?47h\x1b[?1h\x1b=',
      '**\x18B00000000000000\r\x8a\x11',
      'rz\r**\x18B0100000023be50\r\n',
      '\x1bPtmux;\x1b\x1b]52;c;cm0=\x07',
      '\x1b[200~',
      '\x1b[?2004l',
    ]) {
      const rig = openRig({ output })
      rig.type('id\r')
      rig.type('rm unseen\r')
      assert.match(rig.seen(), refusedRm, JSON.stringify(output))
      rig.type('**\x18B00000000000000\rrm unseen\r')
      rig.type('ls\r')
      assert.deepEqual(await ran(rig), ['id', 'ls'], JSON.stringify(output))
      assert.ok(rig.seen().includes(output.replaceAll('\n', '\r\n')))
    }
  })

  it('depends on how the bytes are cut into packets', async () => {
    const text = 'id a\rrm x\r\x1b[200~ls é\n\x1b[201~\x1b[A\x1b[H\x0bid 日本\x7f\x1b[15~!\r'
    const whole = openRig()
    whole.type(text)
    const split = openRig()
    for (const byte of Buffer.from(text)) split.shell.input(Buffer.of(byte))
    assert.deepEqual(split.judged, whole.judged)
    assert.deepEqual(split.sends(), whole.sends())
    assert.deepEqual(await ran(split), ['id a', 'ls é', 'id 日!'])
  })

  it('types ahead into the next line while a command runs', async () => {
    const rig = openRig({ stays: true })
    rig.type('cat\r')
    rig.type('rm ahead\r\x04')
    const [cat] = rig.runs
    assert.equal(cat?.input(), 'rm ahead\n')
    assert.deepEqual(cat?.done, ['end of input'])
    rig.type('rm ahead\r')
    rig.type('half')
    cat?.end()
    rig.type('id\r')
    assert.deepEqual(
      rig.judged.map(({ line }) => line),
      ['cat', 'id'],
    )
    assert.deepEqual(await ran(rig), ['cat', 'id'])
  })

  it('types a here-document over several lines', async () => {
    for (const first of ['cat <<E', 'cat <<-E | sh', "cat <<'E'", 'cat <<<x']) {
      const rig = openRig()
      rig.type(`${first}\r`)
      rig.type('rm inside\r')
      rig.type('E\r')
      assert.deepEqual(rig.sends(), [], first)
      assert.deepEqual(rig.judged.length, 3)
      const pasted = openRig()
      pasted.type(`\x1b[200~${first}\nid\nE\n\x1b[201~`)
      assert.deepEqual(pasted.sends(), [], first)
    }
  })

  it('makes a word of the shell mean something else', async () => {
    const rig = openRig()
    for (const line of [
      "alias id='rm x'",
      'id() { rm x; }',
      'function id { rm x; }',
      'PATH=/tmp id',
      'export PATH=/tmp',
      'export BASH_ENV=/tmp/x LANG=C',
      "export 'LANG=C;rm x'",
      'export LC_ALL=$(rm x)',
      "trap 'rm x' EXIT",
      'eval rm x',
      'exec rm x',
      'cd /srv && rm x',
      "cd '/etc'",
      'cd /srv/../etc',
      'cd ../../etc',
      "cd './x; rm y'/../../../etc",
      'sh',
      '\\\nrm x',
    ])
      rig.type(`${line}\r`)
    rig.type('id\r')
    assert.deepEqual(rig.sends(), ["'id'"])
    assert.deepEqual(await ran(rig), ['id'])
  })

  it('hides in an escape sequence, or in bytes that are no text', async () => {
    const rig = openRig()
    rig.type('id \x1b]0;rm x\r rm x\x07')
    rig.type('\x1bP+q\rrm x\r\x1b\\')
    rig.type('\x1b[5;13~\x1b[[Arm\x15id \x1b[M#!!\x1b[<0;1;1M\x1b_rm\x1b\\')
    rig.shell.input(Buffer.from([0xc3, 0x28, 0x80, 0xff, 0xed, 0xa0, 0x80, 0xf5, 0x08]))
    rig.type('\u202e\u200b\ufeff\x9b\xa0')
    rig.type('\r')
    assert.deepEqual(await ran(rig), ['id'])
    assert.ok(rig.seen().includes('\x07'))
  })
})
