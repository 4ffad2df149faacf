import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { OPEN_POLICY } from '../support/bed-config.ts'
import { openBed, type Bed } from '../support/bed.ts'
import { recorded } from '../support/recorded.ts'

const POLICY = `${OPEN_POLICY}
  - id: no-reboot
    effect: deny
    message: not today
    run: { argv: [reboot], rest: any }
`

describe('what broke other systems, with stock ssh', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed({ policy: POLICY })
  })
  after(async () => {
    await bed?.close()
  })

  it('judges and records on, whatever a target prints', async () => {
    // An alternate screen, a ZMODEM header and a title: each has switched a filter or a recorder off elsewhere.
    const tricks = String.raw`printf "\033[?1049h\033[2;1H**\030B00000000000000\r\212\021\033]0;x\007"; printf "still here"`
    const { stdout } = await bed.sh(
      `ssh -F $C -o ControlMaster=yes -o ControlPath=$D/tricks -fN web
       ssh -F $C -S $D/tricks web '${tricks}' < /dev/null | tail -c 10
       ssh -F $C -S $D/tricks web reboot < /dev/null 2>&1; echo " $?"
       ssh -F $C -S $D/tricks -O exit web 2> /dev/null`,
    )
    assert.match(stdout, /^still heresallyport: denied by rule no-reboot: not today\r?\n 126\n$/)
    const [shown] = await recorded(bed, '1049h', false)
    assert.match(
      shown?.streams.stdout.toString('latin1') ?? '',
      /1049h.*ZMODEM|1049h.*still here$/s,
    )
    const [denied] = await recorded(bed, 'reboot', false)
    assert.match(denied?.streams.stderr.toString() ?? '', /denied by rule no-reboot/)
  })

  it('takes standard input that comes late, and never for the command', async () => {
    const { stdout } = await bed.sh(`(sleep 0.6; echo late) | ssh -F $C web 'cat; echo end'`)
    assert.equal(stdout, 'late\nend\n')
    const denied = await bed.sh(
      `echo 'touch "$D"/made' | ssh -F $C web reboot; echo $?; ls $D/made`,
    )
    assert.match(denied.stdout, /^126\n$/)
  })

  it('serves its siblings while one channel is not read', async () => {
    const { stdout, stderr } = await bed.sh(
      `ssh -F $C -o ControlMaster=yes -o ControlPath=$D/stall -fN web
       (ssh -F $C -S $D/stall web 'head -c 200000000 /dev/zero' < /dev/null | sleep 4) &
       sleep 1; timeout 2 ssh -F $C -S $D/stall web 'echo quick' < /dev/null
       timeout 2 ssh -F $C direct 'echo quick too' < /dev/null
       ssh -F $C -S $D/stall -O exit web 2> /dev/null; wait`,
    )
    assert.equal(stdout, 'quick\nquick too\n', stderr)
  })

  it('keeps the values of variables out of its recordings', async () => {
    const { stdout } = await bed.ssh([
      '-o',
      'SetEnv=FOO_X=hunter2-secret',
      'web',
      ': variables; echo ${#FOO_X}',
    ])
    assert.equal(stdout, '14\n')
    const [found] = await recorded(bed, ': variables;')
    assert.ok(found !== undefined)
    assert.doesNotMatch(await readFile(found.file, 'utf8'), /hunter2/)
    assert.doesNotMatch(JSON.stringify(await bed.audit()), /hunter2/)
  })

  it('records two channels of one connection on clocks of their own', async () => {
    await bed.sh(
      `ssh -F $C -o ControlMaster=yes -o ControlPath=$D/two -fN web
       ssh -F $C -S $D/two web ': first-of-two; date +%s.%N; sleep 3' < /dev/null &
       sleep 2; ssh -F $C -S $D/two web ': second-of-two; date +%s.%N' < /dev/null; wait %1
       ssh -F $C -S $D/two -O exit web 2> /dev/null`,
    )
    const [first] = await recorded(bed, 'first-of-two')
    const [second] = await recorded(bed, 'second-of-two')
    assert.ok(first !== undefined && second !== undefined)
    assert.equal(first.recordingId, second.recordingId)
    // On one clock for both, the recordings would be as far apart as the target's own times.
    const said = [first, second].map((each) => Number(each.streams.stdout))
    const held = [first, second].map(
      (each) => each.cast.events.find(({ code }) => code === 'o')?.time ?? Number.NaN,
    )
    const apart = ([from = Number.NaN, to = Number.NaN]: readonly number[]): number => to - from
    assert.ok(apart(said) - apart(held) > 1, `${said.join(' ')} ${held.join(' ')}`)
  })
})
