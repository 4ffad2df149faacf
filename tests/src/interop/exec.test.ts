import { strict as assert } from 'node:assert'
import { openBed, type Bed } from '../support/bed.ts'

/** Random bytes, made once: text would compress, and zeros would hide a shift. */
const MAKE_BIG = 'head -c 100000000 /dev/urandom > big'

describe('relay: exec over -J with stock OpenSSH', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed()
    await bed.sh(`${MAKE_BIG}; head -c 40000000 big > small`)
  })
  after(async () => {
    await bed?.close()
  })

  const yields = async (script: string, expected: string): Promise<void> => {
    const { stdout, stderr } = await bed.sh(script, { timeout: 150_000 })
    assert.equal(stdout, expected, stderr)
  }

  it('passes the exit status on', async () => {
    const { status, stdout, stderr } = await bed.ssh(['web', 'echo out; exit 42'])
    assert.deepEqual({ status, stdout, stderr }, { status: 42, stdout: 'out\n', stderr: '' })
  })

  it('passes on an exit status that comes after the client has closed the channel', async () => {
    // A multiplexed client closes its channel when it has all output, and still waits for the status.
    await yields(
      `ssh -F $C -o ControlMaster=yes -o ControlPath=$D/late -fN web
       ssh -F $C -S $D/late web 'exec >&- 2>&-; sleep 0.5; exit 7' < /dev/null; echo $?
       ssh -F $C -S $D/late -O exit web 2> /dev/null`,
      '7\n',
    )
  })

  it('passes an exit signal on, which ssh shows as status 255', async () => {
    const { status } = await bed.ssh(['web', 'kill -TERM $$'])
    assert.equal(status, 255)
  })

  it('keeps standard error apart', async () => {
    const { stdout, stderr } = await bed.ssh(['web', 'echo out; echo err >&2'])
    assert.deepEqual([stdout, stderr], ['out\n', 'err\n'])
  })

  it('sends 100 MB up with an equal hash', async () => {
    await yields(
      `[ "$(ssh -F $C web sha256sum < big)" = "$(sha256sum < big)" ] && echo same`,
      'same\n',
    )
  })

  it('sends 100 MB down with an equal hash', async () => {
    await yields(`ssh -F $C web "cat $PWD/big" < /dev/null | cmp - big && echo same`, 'same\n')
  })

  it('carries tar both ways at once', async () => {
    await yields(
      `mkdir tree && head -c 600000 big | split -a 3 -b 3000 - tree/
       tar c tree | ssh -F $C web "cat; cat </dev/null" | (mkdir back; tar x -C back)
       diff -r tree back/tree && echo same`,
      'same\n',
    )
  })

  it('delivers late output after standard input has ended', async () => {
    await yields(`printf hi | ssh -F $C web 'cat; sleep 0.7; echo done'`, 'hidone\n')
  })

  it('delivers 20 MB on each of stdout and stderr, interleaved, to slow readers', async () => {
    await yields(
      `{ ssh -F $C web 'b=$(head -c 100000 /dev/zero | tr "\\0" "\\1"); for i in {1..200}; do printf %s "$b"; printf %s "$b" >&2; done' \
           2>&1 >&3 < /dev/null | (sleep 1.5; wc -c); } 3> >(sleep 0.7; wc -c)`,
      '20000000\n20000000\n',
    )
  })

  it('ends at once when the reader goes away', async () => {
    const started = Date.now()
    await yields(
      `ssh -F $C web 'head -c 2000000000 /dev/zero' < /dev/null | head -c 1 | wc -c`,
      '1\n',
    )
    assert.ok(Date.now() - started < 10_000, 'took more than ten seconds')
  })

  it('tells the target when its standard input is not read', async () => {
    await yields(`ssh -F $C web 'exec <&-; sleep 0.3; echo x' < big`, 'x\n')
  })

  it('runs with many rekeys in both directions', async () => {
    await yields(`ssh -F $C -o RekeyLimit=10M web cat < small | cmp - small && echo same`, 'same\n')
  })

  it('runs with a rekey every second', async () => {
    await yields(
      `ssh -F $C -o 'RekeyLimit=default 1' web 'for i in 1 2 3; do echo $i; sleep 1; done' < /dev/null`,
      '1\n2\n3\n',
    )
  })

  it('carries 50 channels of one connection at once', async () => {
    await yields(
      `ssh -F $C -o ControlMaster=yes -o ControlPath=$D/mux -fN web
       for i in $(seq 50); do
         (ssh -F $C -S $D/mux web "head -c 500000 /dev/zero; exit $i" < /dev/null | wc -c; [ \${PIPESTATUS[0]} = $i ] || echo status) &
       done | sort | uniq -c | tr -s ' '
       ssh -F $C -S $D/mux -O exit web 2> /dev/null`,
      ' 50 500000\n',
    )
  })

  it('answers keepalives', async () => {
    await yields(
      `ssh -F $C -o ServerAliveInterval=1 -o ServerAliveCountMax=2 web 'sleep 3.5; echo alive' < /dev/null`,
      'alive\n',
    )
  })

  it('holds a connection without a session open until the client ends it', async () => {
    const { signal } = await bed.ssh(['-N', 'web'], { timeout: 1500 })
    assert.equal(signal, 'SIGKILL')
  })

  it('serves a direct login, login%target, just the same', async () => {
    await yields(`ssh -F $C direct cat < small | cmp - small && echo same`, 'same\n')
  })

  it('says which subsystem the target does not have', async () => {
    const { status, stderr } = await bed.ssh(['-s', 'web', 'nope'])
    assert.equal(status, 255)
    assert.match(stderr, /subsystem request failed/)
  })
})
