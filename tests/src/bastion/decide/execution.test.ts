import assert from 'node:assert/strict'
import fc from 'fast-check'
import { resolveLine } from '@sallyport/bastion/decide/parse'
import type { Policy } from '@sallyport/bastion/decide'
import { askExec, policyOf } from './ask.ts'
import { readCommandVectors } from './command-vectors.ts'
import { openShellJail, type Shell, type ShellJail } from './shell-jail.ts'

// The shells run these by themselves, so that no program can write them down.
const builtins = new Set(['echo', 'printf', 'test', '[', ':', 'true', 'false'])
const failing = new Set(['false', 'test -f /x'])
const soupPrograms = ['rm', 'id', 'ls', 'r', 'm', 'x', 'if', 'rmid', 'xx', 'idx']

interface Accepted {
  readonly input: string
  readonly send: string
  readonly decided: readonly (readonly string[])[]
}

describe('what was decided is what runs', () => {
  let jail: ShellJail
  let policy: Policy
  const vectors = readCommandVectors().filter(
    ({ verdict, commands }) =>
      verdict === 'judged' && commands?.every(([program]) => !program?.includes('/')) === true,
  )
  const heads = new Set([
    ...vectors.flatMap(({ commands = [] }) => commands.map(([program = '']) => program)),
    ...soupPrograms,
  ])

  before(() => {
    jail = openShellJail([...heads].filter((program) => !builtins.has(program)))
    policy = policyOf(
      ...[...heads].map(
        (program, at) =>
          `{id: p${at}, effect: allow, run: {argv: ["${program}"], rest: any, ` +
          `redirects: {write: [${jail.out}/**]}}}`,
      ),
    )
  })
  after(() => jail.remove())

  it('notices a line that runs something else', async () => {
    for (const shell of ['bash', 'dash'] as const)
      assert.deepEqual(await jail.run(shell, ["rm 'a b'; id | ls &", 'if', 'x "" é']), [
        ['["id"]', '["ls"]', '["rm","a b"]'],
        [],
        ['["x","","é"]'],
      ])
    await assert.rejects(compare(jail, [{ input: 'id', send: 'rm x', decided: [['id']] }]))
    await assert.rejects(compare(jail, [{ input: 'id', send: 'true', decided: [['id']] }]))
  })

  it('for every vector that a rule can allow', async () => {
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
    const inputs = fc.sample(soup(jail.out), 3000)
    const accepted = inputs.map((input) => accept(policy, input)).filter((one) => one !== undefined)
    assert.ok(accepted.length > 300, `only ${accepted.length} lines of the soup were accepted`)
    await compare(jail, accepted)
  })
})

function accept(policy: Policy, input: string): Accepted | undefined {
  const decision = askExec(policy, input)
  if (decision.effect === 'deny') return undefined
  assert.ok(decision.judged && decision.send !== undefined)
  return { input, send: decision.send.toString('utf8'), decided: decision.commands }
}

// A line may stop early at && or ||, so the runs are compared with what its own operators let run.
async function compare(jail: ShellJail, lines: readonly Accepted[]): Promise<void> {
  const expected = lines.map(({ send, decided }) => expectRuns(send, decided))
  const check = async (shell: Shell, text: 'send' | 'input'): Promise<void> => {
    const runs = await jail.run(
      shell,
      lines.map((line) => line[text]),
    )
    for (const [at, line] of lines.entries())
      assert.deepEqual(runs[at], expected[at], `${shell}, ${text}: ${JSON.stringify(line)}`)
  }
  await Promise.all([check('bash', 'send'), check('dash', 'send')])
  await Promise.all([check('bash', 'input'), check('dash', 'input')])
}

function expectRuns(send: string, decided: Accepted['decided']): readonly string[] {
  const resolution = resolveLine(send)
  assert.ok(resolution.kind === 'resolved', send)
  const runs: string[] = []
  let before = ';'
  let succeeded = true
  let skipped = false
  for (const [at, { joint }] of resolution.line.commands.entries()) {
    const argv = decided[at] ?? []
    if (before === '&&') skipped = !succeeded
    else if (before === '||') skipped = succeeded
    else if (before !== '|') skipped = false
    if (!skipped) {
      if (!builtins.has(argv[0] ?? '')) runs.push(JSON.stringify(argv))
      succeeded = !failing.has(argv.join(' '))
    }
    before = joint
  }
  return runs.toSorted()
}

function soup(out: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom('rm', 'id', 'ls', 'r', 'm', 'x', 'if', 'a=b', '-rf') },
    { weight: 8, arbitrary: fc.constantFrom(' ', ' ', '  ', '\t') },
    { weight: 4, arbitrary: fc.constantFrom(';', '\n', '&', '|', '&&', '||', ' & ', ' ; ', ' | ') },
    {
      weight: 5,
      arbitrary: fc.constantFrom("'", '"', '\\', "''", '""', "'a b'", '"a b"', '"\\"\'"', "\\'"),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(`>${out}/o `, `2>>${out}/o `, '2>&1', '>&2 ', '</dev/null'),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('é', '日本', ',', '%', '^', '@', ':', '/', '=', '~', ']'),
    },
    { weight: 1, arbitrary: fc.constantFrom(...'$`(){}<>#!*?[2'.split(''), ' #', ' ! ', '{}') },
    { weight: 1, arbitrary: fc.constantFrom('\\\n', "$'", '$"', '${x}', '<<E', '\nE\n', '<<<') },
    { weight: 1, arbitrary: fc.constantFrom('\r', '|&', '&>', ';;', 'then', 'time') },
  )
  return fc
    .array(piece, { minLength: 1, maxLength: 9 })
    .map((pieces) => `${['rm ', 'id ', ''][pieces.length % 3] ?? ''}${pieces.join('')}`)
}
