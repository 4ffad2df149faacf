import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readCommandVectors } from './command-vectors.ts'
import { openShellJail, shells, type ShellJail } from './shell-jail.ts'
import { soup, soupPrograms } from './soup.ts'
import { accept, allowAll, builtins, compare, compareSent } from './what-runs.ts'

describe('what was decided is what runs', () => {
  const vectors = readCommandVectors().filter(
    ({ verdict, commands }) =>
      verdict === 'judged' && commands?.every(([program]) => !program?.includes('/')) === true,
  )
  const heads = new Set([
    ...vectors.flatMap(({ commands = [] }) => commands.map(([program = '']) => program)),
    ...soupPrograms,
  ])
  const stubs = [...heads].filter((program) => !builtins.has(program))
  let jail: ShellJail
  let quick: ShellJail

  before(() => {
    jail = openShellJail({ stubs })
    quick = openShellJail({ stubs: soupPrograms, functions: true })
  })
  after(() => {
    jail.remove()
    quick.remove()
  })

  it('notices a line that runs something else', async () => {
    for (const one of [jail, quick]) {
      for (const shell of shells)
        assert.deepEqual(await one.run(shell, ["rm 'a b'; id | ls &", 'if', 'x "" é']), [
          ['["id"]', '["ls"]', '["rm","a b"]'],
          [],
          ['["x","","é"]'],
        ])
      await assert.rejects(compare(one, [{ input: 'id', send: 'rm x', decided: [['id']] }]))
      await assert.rejects(compare(one, [{ input: 'id', send: 'true', decided: [['id']] }]))
      await assert.rejects(compare(one, [{ input: 'rm', send: 'id', decided: [['id']] }]))
      await compareSent(one, [
        { input: 'id', send: "id '|' | ls && rm &", decided: [['id', '|'], ['ls'], ['rm']] },
      ])
      await assert.rejects(compareSent(one, [{ input: 'id', send: 'rm x', decided: [['id']] }]))
      await assert.rejects(compareSent(one, [{ input: 'id', send: 'exit', decided: [['exit']] }]))
    }
  })

  it(`for every vector that a rule can allow, on ${shells.join(', ')}`, async () => {
    const policy = allowAll(heads, jail.out)
    const accepted = vectors.map(({ input, commands = [] }) => {
      const found = accept(policy, input)
      assert.ok(found, input)
      assert.deepEqual(found.decided, commands, input)
      return found
    })
    assert.ok(accepted.length > 60)
    await compare(jail, accepted)
  })

  it('for a soup of shell fragments', async () => {
    const policy = allowAll(soupPrograms, quick.out)
    const inputs = fc.sample(soup(quick.out), 2000)
    const accepted = inputs.map((input) => accept(policy, input)).filter((one) => one !== undefined)
    assert.ok(accepted.length > 150, `only ${accepted.length} lines of the soup were accepted`)
    await compareSent(quick, accepted)
    await compare(quick, accepted.slice(0, 50))
  })
})
