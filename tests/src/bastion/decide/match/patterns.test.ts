import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  allowsPath,
  compilePath,
  couldReachPath,
  matchesWildcard,
  needsSpelling,
} from '@sallyport/bastion/decide/match'

describe('matchesWildcard', () => {
  it('agrees with a regular expression', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '/', '.', '*', '?'), { maxLength: 8 })
    fc.assert(
      fc.property(letters, letters, fc.boolean(), (pattern, text, leadingDot) => {
        const subject = text.join('')
        // A dot that leads a segment of the text must lead one of the pattern.
        const one = leadingDot ? '[^/]' : '(?:(?<!^|/)[^/]|[^/.])'
        const source = pattern.map((part, at) => {
          if (part === '*') return `${one}*`
          if (part === '?') return one
          if (part !== '.') return part
          const leads = at === 0 || pattern[at - 1] === '/'
          return leads || leadingDot ? '[.]' : '(?<!^|/)[.]'
        })
        assert.equal(
          matchesWildcard(pattern.join(''), subject, { separators: '/', leadingDot }),
          new RegExp(`^(?:${source.join('')})$`).test(subject),
          `${pattern.join('')} on ${subject}`,
        )
      }),
      { numRuns: 4000 },
    )
  })

  it('stays fast on a pattern of many stars', () => {
    const started = performance.now()
    const options = { separators: '/', leadingDot: true }
    assert.equal(matchesWildcard(`${'*a'.repeat(40)}b`, 'a'.repeat(8000), options), false)
    assert.ok(performance.now() - started < 1000)
  })
})

describe('path patterns', () => {
  const cases: readonly (readonly [string, string, boolean, boolean])[] = [
    ['/srv/**', '/srv/a/b', true, true],
    ['/srv/**', '/srv', false, false],
    ['/srv/**', '/srv/', false, false],
    ['/srv/**', '/srvx/a', false, false],
    ['/srv/**', '//srv/./a/', true, true],
    ['/srv/**', 'srv/a', false, false],
    ['/srv/**', '/srv/../etc/shadow', false, false],
    ['/srv/**', '/srv/a/../b', false, true],
    ['/srv/**', '/srv/.ssh/keys', false, true],
    ['/srv/**', '/srv/a/.b', false, true],
    ['/srv/.ssh/*', '/srv/.ssh/keys', true, true],
    ['/srv/*.log', '/srv/a.log', true, true],
    ['/srv/*.log', '/srv/.log', false, true],
    ['/srv/*.log', '/srv/a/b.log', false, false],
    ['/srv/**/x', '/srv/x', true, true],
    ['/srv/**/x', '/srv/a/b/x', true, true],
    ['/**/x/**/y', '/a/x/b/x/c/y', true, true],
    ['/etc/**', '/srv/../etc/shadow', false, true],
    ['/', '//', true, true],
    ['/', '/a/..', false, true],
    ['/srv/a', '/srv/a\nb', false, false],
  ]
  for (const [pattern, path, allowed, reached] of cases)
    it(`${pattern} on ${JSON.stringify(path)}`, () => {
      assert.equal(allowsPath(compilePath(pattern), path), allowed)
      assert.equal(couldReachPath(compilePath(pattern), path), reached)
    })
})

describe('needsSpelling', () => {
  it('knows programs that run programs, whatever their folder and version', () => {
    for (const program of ['sh', '/bin/bash', 'python3', 'python3.11', '/usr/bin/perl5.36', 'cd'])
      assert.equal(needsSpelling(program), true, program)
    for (const program of ['ls', 'grep', 'systemctl', 'pythonic', 'sha256sum'])
      assert.equal(needsSpelling(program), false, program)
  })
})
