import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Allowed } from '@sallyport/bastion/decide'
import { openShellJail } from '../decide/shell-jail.ts'
import { openRig, type Rig, type Told } from './rig.ts'

type Action =
  | { readonly kind: 'type'; readonly bytes: Buffer }
  | { readonly kind: 'end' | 'output' | 'time' | 'target' | 'agent' | 'close' }
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'resize'; readonly cols: number }

// The policy allows only such values of it.
const variable = /^'export' 'LANG=[A-Za-z0-9_.@:+-]{0,64}'$/

const text = fc.oneof(
  { weight: 9, arbitrary: fc.nat(99).map((n) => `ls ${n}${n % 3 === 0 ? ';' : '\r'}`) },
  {
    weight: 9,
    arbitrary: fc.constantFrom('id', 'ls', 'rm x', 'cat', 'echo a', "'b c'", '"d"', '-l'),
  },
  { weight: 9, arbitrary: fc.constantFrom('\r', '\r', '\n', '\r\n', ' ', ' ; ', '&&', '|') },
  {
    weight: 9,
    arbitrary: fc
      .constantFrom('cd /srv/a', 'cd ..', 'cd ./b', 'cd -', 'cd', 'cd /etc', 'export LANG=C')
      .map((line) => `${line}\r`),
  },
  { weight: 2, arbitrary: fc.constantFrom('export PATH=x', 'unset LANG', 'pwd\r', 'cd /srv') },
  { weight: 3, arbitrary: fc.constantFrom('!!', '!rm', '$x', '`id`', '<<E', '>f', '#', '\\', '~') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('\x1b[200~id\nrm y\nls\n\x1b[201~', '\x1b[200~ls a\rls b\x1b[201~'),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom('\x1b[A', '\x1b[D', '\x1b[3~', '\x1bOH', '\x1b]0;rm z\x07'),
  },
  { weight: 4, arbitrary: fc.constantFrom('\x0b', '\x15', '\x17', '\x19', '\x7f', '\t', '\x0f') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('é', '日本', '😀', '\u202e', '\u0301', '\x03', '\x1b[M'),
  },
  { weight: 1, arbitrary: fc.constantFrom('\x1b[200~', '\x1b[201~', '\x1bP', '\x04', '\x04') },
)
const bytes = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.array(text, { maxLength: 5 }).map((all) => Buffer.from(all.join(''))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((all) => Buffer.from(all)) },
)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 30, arbitrary: bytes.map((one) => ({ kind: 'type' as const, bytes: one })) },
  { weight: 8, arbitrary: fc.constant({ kind: 'end' as const }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('output', 'time', 'target', 'agent', 'end', 'end')
      .map((kind) => ({ kind })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('INT', 'QUIT', 'TERM', 'HUP')
      .map((name) => ({ kind: 'signal' as const, name })),
  },
  {
    weight: 1,
    arbitrary: fc.nat(100).map((cols) => ({ kind: 'resize' as const, cols })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'close' as const }) },
)

describe('whatever is typed', () => {
  it('nothing goes to the target but what was judged and let through, in that order', async function () {
    this.timeout(120_000)
    const sent = new Map<string, Allowed['commands']>()
    fc.assert(
      fc.property(
        fc.array(action, { minLength: 5, maxLength: 20 }),
        fc.boolean(),
        (actions, stays) => {
          const rig = openRig({ stays, output: '\x1b[200~\x1b[?1049h$ rm x' })
          for (const one of actions) perform(rig, one)
          for (const { send, commands } of checkStory(rig.story)) sent.set(send, commands)
          assert.ok(rig.exits.length <= 1)
        },
      ),
      { numRuns: 20_000 },
    )
    assert.ok(sent.size > 1000, `only ${sent.size} different texts were sent`)
    await checkRuns([...sent].filter((_, at) => at % Math.floor(sent.size / 150) === 0))
  })

  it('a script runs as a whole or not at all', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 10 }), (parts) => {
        const rig = openRig({ terminal: undefined })
        rig.type(parts.join(''))
        rig.shell.endOfInput()
        checkStory(rig.story)
        const start = rig.story.findIndex(({ kind }) => kind === 'run')
        if (start < 0) return
        assert.ok(rig.story.slice(start).every(({ kind }) => kind === 'run'))
        assert.ok(rig.judged.every(({ decision }) => decision.effect === 'allow'))
      }),
      { numRuns: 3000 },
    )
  })
})

function perform(rig: Rig, one: Action): void {
  switch (one.kind) {
    case 'type':
      return rig.shell.input(one.bytes)
    case 'end':
      return rig.runs.at(-1)?.end()
    case 'output':
      return rig.runs.at(-1)?.sink.output(2, Buffer.from('x\n\x1b[?2004l'))
    case 'time':
      return rig.passTime()
    case 'target':
    case 'agent':
      rig.accepts[one.kind] = !rig.accepts[one.kind]
      return rig.shell.resume()
    case 'signal':
      return rig.shell.signal(one.name)
    case 'resize':
      return rig.shell.resize({ cols: one.cols, rows: 10 })
    case 'close':
      return rig.shell.close()
  }
}

/** Checks that each command is a decision of its own that came before it, and returns what was sent. */
function checkStory(
  story: readonly Told[],
): readonly { readonly send: string; readonly commands: Allowed['commands'] }[] {
  const open: { readonly line: string; readonly decision: Allowed }[] = []
  const sent: { readonly send: string; readonly commands: Allowed['commands'] }[] = []
  let folder = ''
  for (const told of story) {
    if (told.kind === 'judged') {
      if (told.decision.effect !== 'allow') continue
      open.push({ line: told.line, decision: told.decision })
      if (told.line.startsWith("'cd' ")) folder = `${told.decision.send?.toString() ?? '?'} || exit`
      continue
    }
    const { send, title, decision } = told.command
    const at = open.findIndex((one) => one.decision === decision)
    const found = open[at]
    assert.ok(found?.line === title && found.decision.send !== undefined)
    // None is used twice, or out of turn.
    open.splice(0, at + 1)
    const end = send.length - found.decision.send.length
    assert.ok(send.subarray(end).equals(found.decision.send))
    const before = send.toString('utf8', 0, end).split('\n')
    assert.equal(before.pop(), '')
    for (const line of before) assert.ok(line === folder || variable.test(line), line)
    sent.push({ send: send.toString('utf8'), commands: found.decision.commands })
  }
  return sent
}

async function checkRuns(sent: readonly (readonly [string, Allowed['commands']])[]): Promise<void> {
  const jail = openShellJail({ stubs: ['id', 'ls', 'cat', 'rm', 'head'] })
  try {
    const lines = sent.map(([send]) => send)
    const [bash, dash] = await Promise.all([jail.run('bash', lines), jail.run('dash', lines)])
    for (const [at, [send, commands]] of sent.entries()) {
      const decided = new Set(commands.map((argv) => JSON.stringify(argv)))
      for (const ran of [...(bash[at] ?? []), ...(dash[at] ?? [])])
        assert.ok(decided.has(ran), `${ran} ran by ${JSON.stringify(send)}`)
    }
    assert.ok(bash.flat().length > 50)
  } finally {
    jail.remove()
  }
}
