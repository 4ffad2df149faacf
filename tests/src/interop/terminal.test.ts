import { strict as assert } from 'node:assert'
import { openBed, type Bed } from '../support/bed.ts'
import { startAsyncsshTarget, type AsyncsshTarget } from '../support/asyncssh-target.ts'
import { python } from '../support/python.ts'

describe('relay: terminals and environment over -J', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed()
  })
  after(async () => {
    await bed?.close()
  })

  it('hands on the size of the terminal and every change of it', async () => {
    const { status, stdout } = await python('resize.py', ['-F', bed.sshConfig, '-tt', 'web'])
    assert.equal(stdout.trim(), '33 99 then 55 123')
    assert.equal(status, 0)
  })

  it('hands on the terminal modes', async () => {
    const { stdout } = await python('modes.py', ['-F', bed.sshConfig, '-tt', 'web', 'stty -a'])
    assert.match(stdout, /intr = \^G/)
    assert.match(stdout, /erase = \^H/)
    assert.match(stdout, /-ixon/)
  })

  it('hands on the environment that the policy allows, and no other', async () => {
    const { stdout } = await bed.ssh(
      [
        '-o',
        'SendEnv=FOO_X SECRET_X',
        '-o',
        'SetEnv=ZED=9',
        'web',
        'echo [$FOO_X][$ZED][$SECRET_X]',
      ],
      { env: { FOO_X: 'bar42', SECRET_X: 'no' } },
    )
    assert.equal(stdout, '[bar42][9][]\n')
  })

  it('records the resizes of a terminal', async () => {
    const { stdout } = await bed.sh(`grep -h '"r"' $(find ${bed.data}/recordings -name '*.cast')`)
    assert.match(stdout, /"r","123x55"/)
  })
})

describe('relay: signals and breaks over -J, to a target that shows them', () => {
  let target: AsyncsshTarget
  let bed: Bed

  before(async () => {
    target = await startAsyncsshTarget()
    bed = await openBed({ other: target })
  })
  after(async () => {
    await bed?.close()
    await target.stop()
  })

  it('hands on a signal and a break', async () => {
    const { stdout, stderr } = await python('signals.py', [
      String(bed.sshPort),
      `${bed.folder}/id`,
      bed.sshd.login,
    ])
    assert.equal(stdout, 'break 500\nsignal USR1\nended by TERM\n', stderr)
  })
})
