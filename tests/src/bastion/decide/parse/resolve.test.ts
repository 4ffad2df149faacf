import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  agree,
  emitLine,
  readCommandText,
  readGrammar,
  resolveLine,
  tokenize,
  type Resolution,
} from '@sallyport/bastion/decide/parse'
import { readCommandVectors } from '../command-vectors.ts'

const vectors = readCommandVectors()

describe('resolveLine', () => {
  for (const { group, input, verdict, commands } of vectors)
    it(`reads ${group} ${JSON.stringify(input)}`, () => {
      const gate = readCommandText(Buffer.from(input, 'utf8'))
      assert.equal(gate.kind, verdict === 'bytes' ? 'bytes' : 'text')
      if (gate.kind === 'bytes') return
      const resolution = resolveLine(gate.text)
      assert.equal(resolution.kind, verdict === 'unresolved' ? 'unresolved' : 'resolved')
      assert.deepEqual(argvOf(resolution), commands)
    })

  it('says what it did not understand, and where', () => {
    const reasons = {
      'id $x': 'an expansion at character 4',
      'id *': 'a file name pattern at character 4',
      'a=1 id': 'an assignment at character 1',
      '(id)': 'a group or a function at character 1',
      'id <<E': 'a redirect that is not understood at character 4',
      'id &&': 'no command after &&',
      'id "': 'a double quote that is not closed at character 4',
      '': 'no command',
      '>/dev/null; id': 'an operator that is not understood at character 11',
    }
    for (const [input, reason] of Object.entries(reasons))
      assert.deepEqual(resolveLine(input), { kind: 'unresolved', reason })
  })

  it('keeps operators and redirects', () => {
    const resolution = resolveLine('a 2>&1 | b && >/x c < /y || d & e >> "/z z"; f &')
    assert.ok(resolution.kind === 'resolved')
    assert.equal(
      emitLine(resolution.line).toString('utf8'),
      `'a' 2>&1 | 'b' && 'c' >'/x' <'/y' || 'd' & 'e' >>'/z z' ; 'f' &`,
    )
  })

  it('counts commands and words', () => {
    const line = (count: number): string => Array(count).fill('id').join(';')
    assert.equal(resolveLine(line(32)).kind, 'resolved')
    assert.deepEqual(resolveLine(line(33)), {
      kind: 'unresolved',
      reason: 'more than 32 commands',
    })
    const words = (count: number): string => Array(count).fill('x').join(' ')
    assert.equal(resolveLine(words(256)).kind, 'resolved')
    assert.deepEqual(resolveLine(words(257)), {
      kind: 'unresolved',
      reason: 'more than 256 words in a command',
    })
  })

  it('comes to an end on the longest lines of the oddest kinds', () => {
    const kinds: Readonly<Record<string, string>> = {
      'if ': 'the reserved word if at character 1',
      '( ': 'a group or a function at character 1',
      '{ ': 'a brace at character 1',
      '$( ': 'an expansion at character 1',
      '"$(': 'an expansion at character 2',
      '` ': 'an expansion at character 1',
      '<<E ': 'a redirect that is not understood at character 1',
      '<<<x ': 'a redirect that is not understood at character 1',
      'a <<E;': 'a redirect that is not understood at character 3',
      "'": 'a command',
      '"\\"': 'a command',
      "''": 'a command',
      '\\\\': 'a command',
      '\n': 'no command',
      '#\n': 'no command',
      'a;': 'more than 32 commands',
      'a|': 'no command after |',
      'a&&': 'no command after &&',
      'a ': 'more than 256 words in a command',
      '>x ': 'a redirect without a command before character 8191',
      'a >/x ': 'more than 256 words in a command',
      'a[': 'a file name pattern at character 2',
      '{a,': 'a brace at character 1',
      'x=(': 'an assignment at character 1',
      'case a in a) ': 'the reserved word case at character 1',
      '2>&1 ': 'a redirect without a command before character 8191',
      日: 'a command',
    }
    for (const [piece, wanted] of Object.entries(kinds)) {
      const bytes = Buffer.byteLength(piece)
      const line = piece.repeat(Math.floor(8192 / bytes))
      const gate = readCommandText(Buffer.from(line))
      assert.ok(gate.kind === 'text')
      for (const read of [tokenize, readGrammar, resolveLine]) read(line)
      const resolution = resolveLine(line)
      const said = resolution.kind === 'resolved' ? 'a command' : resolution.reason
      assert.equal(said, wanted, piece)
    }
  })

  it('needs both parsers to agree', () => {
    // The grammar is tolerant here; the tokenizer is not.
    assert.equal(readGrammar('wipe (in').kind, 'resolved')
    assert.equal(resolveLine('wipe (in').kind, 'unresolved')
    for (const { input, verdict } of vectors)
      if (verdict === 'judged' || verdict === 'refused')
        assert.deepEqual(tokenize(input), readGrammar(input), input)
  })

  it('is as strict with the tokenizer alone', () => {
    for (const { input, verdict } of vectors)
      if (verdict === 'unresolved') assert.equal(tokenize(input).kind, 'unresolved', input)
  })

  it('takes no reading that differs in a word, a redirect, a descriptor or an operator', () => {
    const line = 'a b >/x 2>&1 | c; d'
    const one = tokenize(line)
    assert.deepEqual(agree(one, tokenize(line)), one)
    const others = [
      'a B >/x 2>&1 | c; d',
      'a b >/y 2>&1 | c; d',
      'a b >/x >&1 | c; d',
      'a b >/x 2>&1 & c; d',
      'a b >/x | c; d',
      'a b 2>&1 >/x | c; d',
      'a b c >/x 2>&1 | c; d',
      'a b >>/x 2>&1 | c; d',
      'a b >/x 2>&1 | c',
      'a b >/x 2>&1 | c; d &',
      'a b >/x 2>&1 | c; d; e',
    ]
    for (const other of others) {
      const disagreement = { kind: 'unresolved', reason: 'two parsers read it differently' }
      assert.deepEqual(agree(one, tokenize(other)), disagreement, other)
      assert.deepEqual(agree(tokenize(other), one), disagreement, other)
    }
    const refused: Resolution = { kind: 'unresolved', reason: 'no' }
    assert.deepEqual(agree(one, refused), refused)
    assert.deepEqual(agree(refused, one), refused)
  })

  it('reads every prefix of every vector without a fault', () => {
    for (const { input } of vectors)
      for (let end = 0; end <= input.length; end += 1) checkRoundTrip(input.slice(0, end))
  })

  it('reads its own canonical text as the same line', () => {
    const piece = fc.constantFrom(
      ...' \t\n;|&<>\'"\\`$(){}[]*?!#~=abc2/'.split(''),
      ' >/x ',
      ' 2>&1 ',
      ' && ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        checkRoundTrip(`id ${pieces.join('')}`)
      }),
      { numRuns: 5000 },
    )
  })
})

function checkRoundTrip(input: string): void {
  const gate = readCommandText(Buffer.from(input, 'utf8'))
  if (gate.kind === 'bytes') return
  const first = resolveLine(gate.text)
  // An empty name is for the rules to refuse, and the emitter will not print it.
  if (first.kind === 'unresolved' || first.line.commands.some(({ argv }) => argv[0] === '')) return
  const again = resolveLine(emitLine(first.line).toString('utf8'))
  assert.deepEqual(again, first, JSON.stringify(input))
}

function argvOf(resolution: Resolution): readonly (readonly string[])[] | undefined {
  return resolution.kind === 'resolved'
    ? resolution.line.commands.map(({ argv }) => argv)
    : undefined
}
