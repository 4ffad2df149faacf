import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { openBed, type Bed } from '../support/bed.ts'
import { recorded } from '../support/recorded.ts'

const POLICY = `
version: 1
rules:
  - id: own-shell
    effect: allow
    shell: { pty: any, mode: guarded }
  - id: look
    effect: allow
    run: { argv: [{ oneOf: [echo, cat, pwd, sleep, sha256sum] }], rest: any }
  - id: fail
    effect: allow
    run: { argv: ['false'] }
`

describe('guarded shell over -J', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed({ policy: POLICY })
  })
  after(async () => {
    await bed?.close()
  })

  /** Types each line once the prompt is there, and returns all that was shown. */
  const type = async (lines: readonly string[]): Promise<{ shown: string; status: number }> => {
    const child = spawn('ssh', ['-F', bed.sshConfig, '-tt', 'web'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let shown = ''
    const waiting = [...lines]
    let from = 0
    child.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString()
      if (!/[$] (?:\p{Cc}\[[0-9;?]*[a-zA-Z])*$/u.test(shown.slice(from))) return
      from = shown.length
      const line = waiting.shift()
      if (line === undefined) child.stdin.end()
      else child.stdin.write(line)
    })
    const status = await new Promise<number>((resolve) => {
      child.on('close', (code) => resolve(code ?? -1))
    })
    return { shown, status }
  }

  it('runs the lines that are allowed, one by one, and refuses the others by rule', async () => {
    const { shown, status } = await type([
      'echo first\r',
      'rm -rf /nowhere\r',
      'echo $HOME\r',
      'cd /usr\r',
      'pwd\r',
      'false\r',
      'exit 3\r',
    ])
    assert.match(shown, /first\r\n/)
    assert.match(shown, /sallyport: denied by rule default: no rule allows "rm"/)
    assert.match(shown, /sallyport: denied by rule unparsable/)
    assert.match(shown, /\/usr\r\n/)
    assert.match(shown, /\(1\) /)
    assert.equal(status, 3)
  })

  it('records the lines as commands of the shell, with their decisions', async () => {
    await type(['echo for-the-record\r', 'rm for-the-record\r', 'exit\r'])
    const shells = await recorded(bed, '')
    const last = shells.find(({ cast }) =>
      cast.events.some(({ text }) => text.includes('for-the-record')),
    )
    const marks = last?.cast.events.filter(({ code }) => code === 'm').map(({ text }) => text)
    assert.deepEqual(marks?.slice(-2), ['allow  echo for-the-record', 'deny  rm for-the-record'])
  })

  it('runs a script on standard input when every line of it is allowed', async () => {
    const { stdout, stderr, status } = await bed.sh(
      `printf 'echo one\\n# a comment\\necho two\\nfalse\\n' | ssh -T -F $C web`,
    )
    assert.deepEqual([stdout, stderr, status], ['one\ntwo\n', '', 1])
  })

  it('runs nothing of a script in which one line is refused, and says which', async () => {
    const { stdout, stderr, status } = await bed.sh(
      `printf 'echo one\\nrm two\\necho three\\n' | ssh -F $C web`,
    )
    assert.deepEqual([stdout, status], ['', 126])
    assert.match(stderr, /line 2: denied by rule default: no rule allows "rm"/)
  })

  it('carries large output, whole', async () => {
    const { stdout } = await bed.sh(
      `head -c 3000000 /dev/urandom | base64 > $D/large
       echo "cat $D/large" | ssh -F $C web | cmp - $D/large && echo same`,
    )
    assert.equal(stdout, 'same\n')
  })

  it('gives a command its standard input, and an interrupt', async () => {
    const { shown, status } = await type(['cat\rtyped in\r\u0004', 'sleep 100\r\u0003', 'exit 5\r'])
    assert.match(shown, /typed in\r\n(?:.*\r\n)*?typed in\r\n|typed in\r\ntyped in\r\n/)
    assert.equal(status, 5)
  })
})
