import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openShellJail } from '../decide/shell-jail.ts'
import { openRig } from './rig.ts'

describe('what the guarded shell keeps from line to line', () => {
  it('keeps a folder that the policy allows, and asks about it each time', async () => {
    const rig = openRig()
    rig.type('cd /srv/app/../shop\rls a; ls b & ls c || ls d\r')
    assert.ok(rig.seen().endsWith('deploy@web-1:/srv/shop$ '))
    const jail = openShellJail({ stubs: ['ls', 'pwd'] })
    try {
      // Nothing of the line runs in another folder when this one is not there.
      assert.deepEqual(await jail.run('bash', rig.sends()), [[]])
      assert.deepEqual(await jail.run('dash', rig.sends()), [[]])
    } finally {
      jail.remove()
    }
    const asked = rig.judged.filter(({ line }) => line === "'cd' '/srv/shop'")
    assert.equal(asked.length, 2)
    rig.type('cd /etc\r')
    assert.match(rig.seen(), /denied by rule default: no rule allows this use of "cd"/)
    rig.type('pwd\rcd -\rcd ..\rcd -- -\r')
    assert.match(rig.seen(), /\r\n\/srv\/shop\r\n[^]*\r\n~\r\n/)
    assert.ok(rig.seen().endsWith('deploy@web-1:~/-$ '))
    rig.type('id\r')
    assert.equal(rig.sends().at(-1), "'cd' './-' || exit\n'id'")
    rig.type('cd a b\rcd -P\rcd ""\r')
    assert.ok(rig.seen().endsWith('(2) deploy@web-1:~/-$ '))
    rig.type('cd\rid\r')
    assert.equal(rig.sends().at(-1), "'id'")
  })

  it('enters that folder at the target', async () => {
    const jail = openShellJail({ stubs: ['ls'] })
    try {
      mkdirSync(join(jail.out, 'sub'))
      const rig = openRig()
      rig.type('cd ./sub\rls a; ls b | ls c\r')
      for (const shell of ['bash', 'dash'] as const)
        assert.deepEqual(await jail.run(shell, rig.sends()), [
          ['["ls","a"]', '["ls","b"]', '["ls","c"]'],
        ])
    } finally {
      jail.remove()
    }
  })

  it('keeps variables that the policy allows, and forgets them', () => {
    const rig = openRig()
    rig.type('export LANG=C.UTF-8 LC_ALL="de_DE.UTF-8"\rcd ./x\rid\r')
    assert.deepEqual(rig.sends(), [
      "'export' 'LANG=C.UTF-8'\n'export' 'LC_ALL=de_DE.UTF-8'\n'cd' './x' || exit\n'id'",
    ])
    rig.type('export\r')
    assert.ok(rig.seen().includes('\r\nLANG=C.UTF-8\r\nLC_ALL=de_DE.UTF-8\r\n'))
    rig.type('export LANG=C LD_PRELOAD=x\r')
    assert.match(rig.seen(), /no rule allows the variable "LD_PRELOAD" with this value/)
    rig.type('export __proto__=x\rexport LANG\rexport "LANG=a b"\r')
    rig.type('unset LC_ALL\rcd\rid\r')
    assert.equal(rig.sends().at(-1), "'export' 'LANG=C.UTF-8'\n'id'")
  })

  it('sends no variable that the policy has come to refuse', () => {
    let allowed = true
    const rig = openRig({ allowsVariable: () => allowed })
    rig.type('export APP=x\rid\r')
    assert.deepEqual(rig.sends(), ["'export' 'APP=x'\n'id'"])
    allowed = false
    rig.type('id\r')
    assert.equal(rig.sends().length, 1)
    assert.match(rig.seen(), /no rule allows the variable "APP" any more; unset it/)
    rig.type('unset APP\rid\r')
    assert.equal(rig.sends().at(-1), "'id'")
  })
})
