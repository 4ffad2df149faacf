import assert from 'node:assert/strict'
import fc from 'fast-check'
import { localPath } from '@sallyport/web-replay/login'

const HERE = new URL('https://replay.example.com')

describe('localPath', () => {
  it('keeps a path with its query', () => {
    assert.equal(
      localPath('/sessions/abcdefgh?t=12.5&channel=1', HERE),
      '/sessions/abcdefgh?t=12.5&channel=1',
    )
  })

  for (const value of [
    undefined,
    ['/a', '/b'],
    '',
    'sessions',
    'https://replay.example.com/',
    '//evil.example',
    '///evil.example',
    '//evil.example/sessions',
    '/\\evil.example',
    '/%0d%0aSet-Cookie:x'.replace('%0d%0a', '\r\n'),
    '/.//evil.example',
    '/a/..//evil.example',
    '/\u0000',
    '/login',
    '/login/callback?code=x',
    '/logout',
    '/signed-out',
    '/api/sessions',
    `/${'a'.repeat(1024)}`,
  ]) {
    it(`turns ${JSON.stringify(value)?.slice(0, 60)} into /`, () => {
      assert.equal(localPath(value, HERE), '/')
    })
  }

  it('stays on our origin whatever it is given', () => {
    const parts = fc.constantFrom(
      '/',
      '\\',
      '//',
      '.',
      '..',
      '@',
      ':',
      'evil.example',
      '%2f',
      '%5c',
      '?',
      '#',
      '\t',
    )
    const text = fc.oneof(
      fc.array(parts).map((each) => `/${each.join('')}`),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (value) => {
        const path = localPath(value, HERE)
        assert.equal(new URL(path, HERE).origin, HERE.origin)
        assert.ok(path.startsWith('/') && !path.startsWith('//'))
      }),
      { numRuns: 2000 },
    )
  })
})
