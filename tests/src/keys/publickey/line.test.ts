import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { formatPublicKeyLine, parsePublicKeyLine, publicKeyFrom } from '@sallyport/keys/publickey'
import { createScratch, keygenPair, publicLine, sshKeygen } from './keygen.ts'

describe('parsePublicKeyLine', () => {
  const scratch = createScratch()
  after(() => scratch.remove())
  const { blob } = publicKeyFrom(generateKeyPairSync('ed25519').publicKey)
  const base64 = blob.toString('base64')

  it('takes a line with or without comment and line end', () => {
    for (const rest of ['', ' ', ' me@here', ' two words ', '\n', '\r\n', ' me\r\n']) {
      assert.deepEqual(parsePublicKeyLine(`ssh-ed25519 ${base64}${rest}`).blob, blob)
    }
    assert.deepEqual(parsePublicKeyLine(`  ssh-ed25519\t${base64}`).blob, blob)
  })

  it('refuses everything that is not one such line', () => {
    const expected = {
      code: 'ERR_KEYS_PUBLICKEY_LINE',
      message: 'not a line "type base64 comment"',
    }
    const lines = [
      '',
      'ssh-ed25519',
      base64,
      `# ssh-ed25519 ${base64}`,
      `command="id" ssh-ed25519 ${base64}`,
      `ssh-ed25519 ${base64}\nssh-ed25519 ${base64}`,
      `ssh-ed25519 ${base64} me\r\nroot`,
      `ssh-ed25519 ${base64}=`,
      `ssh-ed25519 ${base64.slice(0, -1)}`,
      `ssh-ed25519 ${base64.replace('A', '*')}`,
      `ssh-ed25519 ${base64} ${'x'.repeat(200_000)}`,
      '-----BEGIN OPENSSH PRIVATE KEY-----',
    ]
    for (const line of lines) assert.throws(() => parsePublicKeyLine(line), expected, line)
  })

  it('refuses a hostile line as quickly as any other', () => {
    const blanks = ' '.repeat(100_000)
    const started = performance.now()
    for (const line of [`a A${blanks}\r\rx`, `${blanks}a A\r\rx`, `a${blanks}A\r\rx`, blanks]) {
      assert.throws(() => parsePublicKeyLine(line), { code: 'ERR_KEYS_PUBLICKEY_LINE' })
    }
    assert.ok(performance.now() - started < 1000)
  })

  it('refuses a type in front that is not the one inside', () => {
    assert.throws(() => parsePublicKeyLine(`ssh-rsa ${base64}`), {
      code: 'ERR_KEYS_PUBLICKEY_LINE',
      message: 'line says ssh-rsa, its key is ssh-ed25519',
    })
  })

  it('refuses a certificate, and says that it is one', () => {
    const key = keygenPair(scratch.folder, 'key', 'ed25519')
    sshKeygen(['-q', '-s', key, '-I', 'id', '-n', 'agent', `${key}.pub`])
    assert.throws(() => parsePublicKeyLine(publicLine(`${key}-cert`)), {
      code: 'ERR_KEYS_PUBLICKEY_LINE',
      message: 'this line holds a certificate, a plain public key is expected',
    })
  })
})

describe('formatPublicKeyLine', () => {
  it('refuses comments that would not stay in their line', () => {
    const { blob } = publicKeyFrom(generateKeyPairSync('ed25519').publicKey)
    for (const comment of ['a\nb', 'a\rb', 'a\u001bb', 'a\u2028b']) {
      assert.throws(() => formatPublicKeyLine(blob, comment), {
        name: 'TypeError',
        message: '"comment" must be one line without control characters',
      })
    }
  })
})
