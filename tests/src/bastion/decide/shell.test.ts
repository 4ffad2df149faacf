import assert from 'node:assert/strict'
import { ask, policyOf, problemsOf } from './ask.ts'

const shell = (id: string, effect: string, fields: string, more = ''): string =>
  `{id: ${id}, effect: ${effect}, ${effect === 'approve' ? 'approve: {by: {groups: [sre]}}, ' : ''}${more}shell: {${fields}}}`

const asked = (rules: readonly string[], pty = true): string => {
  const decision = ask(policyOf(...rules), { kind: 'shell', pty })
  if (decision.effect === 'deny') return `deny ${decision.rule}`
  return `${decision.effect} ${decision.rule} ${decision.shell ?? 'none'} ${decision.judged}`
}

describe('shell rules', () => {
  const guarded = shell('g', 'allow', 'pty: any, mode: guarded')
  const observed = shell('o', 'allow', 'pty: true, mode: observed')

  it('say how the shell is run, and whether its typing is judged', () => {
    assert.equal(asked([guarded]), 'allow g guarded true')
    assert.equal(asked([observed]), 'allow o observed false')
    assert.equal(asked([observed], false), 'deny default')
  })

  it('of both modes give the stricter one, in any order', () => {
    assert.equal(asked([guarded, observed]), 'allow g guarded true')
    assert.equal(asked([observed, guarded]), 'allow g guarded true')
    assert.equal(asked([observed, guarded], false), 'allow g guarded true')
  })

  it('that deny speak of both modes, or of the one that they name', () => {
    const no = (fields: string): string => shell('no', 'deny', fields, 'who: {groups: [ci]}, ')
    assert.equal(asked([guarded, observed, no('pty: any')]), 'deny no')
    assert.equal(
      asked([guarded, observed, no('pty: true, mode: observed')]),
      'allow g guarded true',
    )
    assert.equal(
      asked([guarded, observed, no('pty: any, mode: guarded')]),
      'allow o observed false',
    )
    assert.equal(asked([observed, no('pty: any, mode: observed')]), 'deny no')
    assert.equal(asked([guarded, no('pty: false')]), 'allow g guarded true')
  })

  it('hold a shell until people agree', () => {
    const held = shell('h', 'approve', 'pty: true, mode: observed')
    assert.equal(asked([held]), 'approve h observed false')
    assert.equal(asked([held, observed]), 'approve h observed false')
    assert.equal(asked([held, guarded]), 'allow g guarded true')
    assert.equal(
      asked([shell('h', 'approve', 'pty: true, mode: guarded'), guarded, observed]),
      'approve h guarded true',
    )
  })

  it('need a mode where they open one', () => {
    for (const effect of ['allow', 'approve'])
      assert.match(
        problemsOf(shell('a', effect, 'pty: true'))[0]?.message ?? '',
        /^say which shell: mode: guarded \(each line is judged\) or mode: observed/,
      )
    assert.equal(
      problemsOf(shell('a', 'allow', 'pty: true, mode: raw'))[0]?.path,
      'rules.0.shell.mode',
    )
    assert.equal(problemsOf(shell('a', 'allow', 'mode: observed'))[0]?.path, 'rules.0.shell.pty')
  })
})
