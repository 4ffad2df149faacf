import assert from 'node:assert/strict'
import {
  cleanEnvironment,
  emitLine,
  quoteWord,
  type SimpleCommand,
} from '@sallyport/bastion/decide/parse'

const command = (parts: Partial<SimpleCommand>): SimpleCommand => ({
  argv: ['id'],
  redirects: [],
  joint: 'end',
  ...parts,
})

describe('emitLine', () => {
  it('quotes every word', () => {
    assert.equal(quoteWord(''), "''")
    assert.equal(quoteWord("it's $x"), String.raw`'it'\''s $x'`)
    assert.equal(quoteWord("''"), String.raw`''\'''\'''`)
  })

  it('refuses what no parser may yield', () => {
    const target = { descriptor: undefined, operator: '>&', target: '1 2' } as const
    const wrong: readonly (readonly [SimpleCommand[], string])[] = [
      [[], 'a line needs a command'],
      [[command({ argv: [] })], 'a command needs a name'],
      [[command({ argv: ['', 'x'] })], 'a command needs a name'],
      [[command({ argv: ['id', 'a\0b'] })], 'a word cannot hold NUL'],
      [[command({ redirects: [target] })], 'a descriptor is one digit'],
      [
        [command({ redirects: [{ descriptor: 10, operator: '>', target: 'x' }] })],
        'a descriptor is one digit',
      ],
    ]
    for (const [commands, message] of wrong)
      assert.throws(() => emitLine({ commands }), { name: 'TypeError', message })
  })

  it('starts every program of a clean line through env', () => {
    const commands = [command({ argv: ['id', '-u'], joint: '|' }), command({ argv: ['wc'] })]
    const start = ['/usr/bin/env', '-i', ...cleanEnvironment].map(quoteWord).join(' ')
    assert.equal(
      emitLine({ commands }, { cleanEnv: true }).toString('utf8'),
      `${start} 'id' '-u' | ${start} 'wc'`,
    )
    for (const name of ['', '-i', 'A=b'])
      assert.throws(() => emitLine({ commands: [command({ argv: [name] })] }, { cleanEnv: true }), {
        name: 'TypeError',
        message: 'env would not take this for a program',
      })
  })
})
