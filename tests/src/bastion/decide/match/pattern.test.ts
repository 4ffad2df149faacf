import assert from 'node:assert/strict'
import { checkLines, policyOf, problemsOf } from '../ask.ts'

const word = (effect: string, re: string): string =>
  `{id: ${effect}, effect: ${effect}, who: {groups: [ci]}, run: {argv: [x, {re: ${JSON.stringify(re)}}]}}`
const all = '{id: all, effect: allow, run: {argv: [x], rest: any}}'

describe('a word by regular expression', () => {
  it('must match as a whole', () => {
    checkLines(policyOf(word('allow', 'v[0-9]+|latest')), {
      'x v12': true,
      'x latest': true,
      'x v12x': false,
      'x av12': false,
      'x latestv1': false,
      "x 'v1\nv2'": false,
    })
  })

  it('covers no option, no way up and no second line where it allows', () => {
    checkLines(policyOf(word('allow', '(?s).*')), {
      'x a/b': true,
      'x -a': false,
      'x ..': false,
      'x a/../b': false,
      'x a..b': true,
      "x ''": false,
      "x 'a\nb'": false,
      'x -- -a': false,
    })
  })

  it('covers all of that where it denies', () => {
    checkLines(policyOf(all, word('deny', '.*secret.*')), {
      'x a': true,
      'x -secret': false,
      'x ../secret': false,
      "x 'a\nsecret'": false,
      'x --file=secret': false,
      'x y secret': false,
    })
  })

  it('does not look at words that are too long, and then takes the safe side', () => {
    const line = `x ${'a'.repeat(1025)}`
    checkLines(policyOf(word('allow', 'a*')), { [line]: false, [line.slice(0, -1)]: true })
    checkLines(policyOf(all, word('deny', 'b*')), { [line]: false, [line.slice(0, -1)]: true })
  })

  it('takes linear time', () => {
    checkLines(policyOf(word('allow', '(a+)+b')), { [`x ${'a'.repeat(1000)}`]: false })
  })

  it('is refused with its line where it cannot be used', () => {
    const refusal = (re: string): string => {
      const [problem] = problemsOf(word('allow', re))
      assert.equal(problem?.path, 'rules.0.run.argv.1.re')
      assert.equal(problem.line, 3)
      return problem.message
    }
    assert.match(refusal('(a'), /^not a usable expression: .*missing closing \)/)
    assert.match(refusal('(?=a)'), /invalid or unsupported Perl syntax/)
    assert.match(refusal(String.raw`(a)\1`), /invalid escape sequence/)
    assert.match(refusal('a{1001}'), /invalid repeat count/)
    assert.match(refusal('(?:ab){900}'), /too large/)
    assert.match(refusal('a'.repeat(257)), /longer than 256 characters/)
    assert.match(refusal(''), /an empty text matches nothing/)
  })
})
