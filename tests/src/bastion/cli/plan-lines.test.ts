import { strict as assert } from 'node:assert'
import { planLines } from '@sallyport/bastion/cli'

describe('the lines of a dry run', () => {
  it('play no tricks on a terminal, whatever a target has said', () => {
    const text = 'a\u001b[2J\u202e\nkey web'
    const place = {
      login: 'root',
      target: 'web',
      found: [text],
      problems: [text],
      warnings: [text],
    }
    const lines = planLines({ key: 'web', places: [place] })
    assert.equal(lines.length, 4)
    for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u)
  })
})
