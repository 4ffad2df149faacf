import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { addBeside, cksum, readAuthorizedKeys, removeKey } from '@sallyport/keys/rotation'

const ours = 'AAAAC3NzaC1lZDI1NTE5AAAAIOurOldKey000000000000000000000000000000000000'
const next = 'AAAAC3NzaC1lZDI1NTE5AAAAIOurNewKey000000000000000000000000000000000000'
const human = 'AAAAC3NzaC1lZDI1NTE5AAAAIHuman00000000000000000000000000000000000000000'
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('an authorized_keys file', () => {
  it('is read as sshd reads it', () => {
    const text = [
      '# a comment with ssh-ed25519 ' + ours,
      `ssh-ed25519 ${human} ann@laptop`,
      ` \tssh-ed25519   ${ours}`,
      `from="10.0.0.0/8",command="echo \\"ssh-ed25519 ${human}\\" x" ssh-ed25519 ${ours} bastion`,
      `command="unfinished ssh-ed25519 ${ours}`,
      'ssh-dss AAAAB3NzaC1kc3M= old',
      '',
      `restrict ssh-rsa ${human}`,
    ].join('\n')
    assert.deepEqual(readAuthorizedKeys(bytes(text)), [
      { line: 1, options: '', key: human },
      { line: 2, options: '', key: ours },
      {
        line: 3,
        options: `from="10.0.0.0/8",command="echo \\"ssh-ed25519 ${human}\\" x" `,
        key: ours,
      },
      { line: 7, options: 'restrict ', key: human },
    ])
  })

  it('gets a key beside another one, with the options of that one', () => {
    const before = `ssh-ed25519 ${human} ann\r\nfrom="10.0.0.1" ssh-ed25519 ${ours} old\r\n# end`
    const after = addBeside(bytes(before), `ssh-ed25519 ${next} new`, ours)
    assert.equal(
      after?.toString('latin1'),
      `ssh-ed25519 ${human} ann\r\nfrom="10.0.0.1" ssh-ed25519 ${ours} old\r\n` +
        `from="10.0.0.1" ssh-ed25519 ${next} new\r\n# end`,
    )
    assert.equal(addBeside(after ?? bytes(''), `ssh-ed25519 ${next} new`, ours), undefined)
    const last = addBeside(bytes(`ssh-ed25519 ${ours}`), `ssh-ed25519 ${next}`, ours)
    assert.equal(last?.toString(), `ssh-ed25519 ${ours}\nssh-ed25519 ${next}\n`)
    assert.throws(() => addBeside(bytes(before), `ssh-ed25519 ${next}`, next), RangeError)
  })

  it('loses each line of a key, and only those', () => {
    const kept = `# ${ours}\nssh-ed25519 ${human} \xe9\xff\n`
    const before = `ssh-ed25519 ${ours}\n${kept}restrict ssh-ed25519 ${ours} x`
    assert.equal(removeKey(bytes(before), ours)?.toString('latin1'), kept)
    assert.equal(removeKey(bytes(kept), ours), undefined)
  })

  it('comes through adding and removing as it was, byte for byte', () => {
    const line = fc.oneof(
      fc.constantFrom(
        `ssh-ed25519 ${human} ann`,
        `restrict,from="a b" ssh-ed25519 ${human}`,
        '# comment',
        '',
        ' broken " line',
        '\xff\x00\x01',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => text.replaceAll('\n', '')),
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.array(line, { maxLength: 8 }),
        fc.constantFrom('', 'from="10.0.0.1" '),
        fc.boolean(),
        (above, below, options, ended) => {
          const old = `${options}ssh-ed25519 ${ours} v1`
          const text = [...above, old, ...below].join('\n') + (ended ? '\n' : '')
          const both = addBeside(bytes(text), `ssh-ed25519 ${next} v1`, ours)
          const after = removeKey(both ?? bytes(''), ours)
          const wanted = text.replace(old, `${options}ssh-ed25519 ${next} v1`)
          // A key that is added behind the end of the file ends its line.
          const end = below.length === 0 && !ended ? '\n' : ''
          assert.equal(after?.toString('latin1'), wanted + end)
        },
      ),
    )
  })
})

describe('cksum', () => {
  it('is what the program prints', () => {
    for (const input of ['', 'a', 'sallyport\n', '\0'.repeat(300), 'x'.repeat(70_000)])
      assert.equal(cksum(Buffer.from(input)), execFileSync('cksum', { input }).toString().trim())
  })
})
