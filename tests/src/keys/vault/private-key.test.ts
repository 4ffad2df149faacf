import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint, publicKeyFrom, signData, verifySignature } from '@sallyport/keys/publickey'
import { parsePrivateKey } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'

const kinds = [
  ['ed25519', '256', 'ssh-ed25519'],
  ['ecdsa', '256', 'ecdsa-sha2-nistp256'],
  ['ecdsa', '384', 'ecdsa-sha2-nistp384'],
  ['ecdsa', '521', 'ecdsa-sha2-nistp521'],
  ['rsa', '2048', 'ssh-rsa'],
  ['rsa', '3072', 'ssh-rsa'],
] as const

const refused = (message: string | RegExp, code = 'ERR_KEYS_PRIVATE_KEY'): object => ({
  name: 'KeysError',
  code,
  message,
})

describe('parsePrivateKey', () => {
  const folder = scratchFolder()

  function make(type: string, bits: string, ...more: readonly string[]): string {
    const file = join(folder(), 'key')
    const options = ['-q', '-t', type, '-b', bits, '-C', 'who@where', '-f', file]
    execFileSync(
      'ssh-keygen',
      more.includes('-N') ? [...options, ...more] : [...options, '-N', '', ...more],
    )
    return file
  }

  for (const [type, bits, name] of kinds) {
    it(`reads a key of ${name} with ${bits} bits that ssh-keygen made`, async () => {
      const file = make(type, bits)
      const { key, comment } = parsePrivateKey(await readFile(file))
      const publicKey = publicKeyFrom(key)
      assert.equal(publicKey.type, name)
      assert.equal(comment, 'who@where')
      const printed = execFileSync('ssh-keygen', ['-l', '-f', file]).toString()
      assert.ok(printed.includes(fingerprint(publicKey.blob)), printed)
      // OpenSSL judges whether all the numbers, also those that we computed, belong together.
      const pem = key.export({ format: 'pem', type: 'pkcs8' })
      if (name === 'ssh-rsa') {
        const verdict = execFileSync('openssl', ['rsa', '-check', '-noout'], {
          input: pem,
          stdio: 'pipe',
        })
        assert.match(verdict.toString(), /RSA key ok/)
      }
    })
  }

  for (const format of ['PKCS8', 'PEM']) {
    it(`reads ${format} as ssh-keygen -m writes it`, async () => {
      for (const [type, bits, name] of kinds.slice(1, 5)) {
        const file = make(type, bits, '-m', format)
        const { key } = parsePrivateKey(await readFile(file))
        assert.equal(publicKeyFrom(key).type, name)
        execFileSync('rm', [file, `${file}.pub`])
      }
    })
  }

  it('refuses keys behind a passphrase, and says what to do', async () => {
    const file = make('ed25519', '256', '-N', 'secret')
    assert.throws(
      () => parsePrivateKey(Buffer.from(execFileSync('cat', [file]))),
      refused(
        'private key is behind a passphrase: take it off a copy with ssh-keygen -p, then import that',
        'ERR_KEYS_PRIVATE_KEY_ENCRYPTED',
      ),
    )
    const pem = execFileSync('openssl', [
      'genpkey',
      '-algorithm',
      'ed25519',
      '-aes256',
      '-pass',
      'pass:x',
    ])
    assert.throws(
      () => parsePrivateKey(pem),
      refused(
        'private key is behind a passphrase: take it off first, with openssl pkey or ssh-keygen -p',
        'ERR_KEYS_PRIVATE_KEY_ENCRYPTED',
      ),
    )
  })

  it('refuses what is no private key', async () => {
    const file = make('ed25519', '256')
    const publicLine = await readFile(`${file}.pub`)
    const { key } = parsePrivateKey(await readFile(file))
    const spki = Buffer.from(createPublicKey(key).export({ format: 'pem', type: 'spki' }))
    const message = 'this is a public key, a private key is expected'
    assert.throws(() => parsePrivateKey(publicLine), refused(message))
    assert.throws(() => parsePrivateKey(spki), refused(message))
    const nothing = 'not a private key in OpenSSH or PEM format'
    for (const text of [
      '',
      'hello',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    ]) {
      assert.throws(() => parsePrivateKey(Buffer.from(text)), refused(nothing))
    }
    assert.throws(
      () => parsePrivateKey(Buffer.alloc(70_000)),
      refused('private key is longer than 65536 bytes'),
    )
  })

  it('refuses kinds that SSH does not have, and short RSA keys', () => {
    const pem = execFileSync('openssl', ['genpkey', '-algorithm', 'ed448'])
    assert.throws(() => parsePrivateKey(pem), { code: 'ERR_KEYS_PUBLICKEY_TYPE' })
    const short = execFileSync('openssl', ['genrsa', '1024'], { stdio: 'pipe' })
    assert.throws(() => parsePrivateKey(short), {
      code: 'ERR_KEYS_PUBLICKEY_INVALID',
      message: 'an RSA key has 2048 to 8192 bits here, not 1024',
    })
  })

  for (const [type, bits] of [kinds[0], kinds[1], kinds[4]]) {
    it(`refuses each prefix of an OpenSSH ${type} file, as text and as bytes`, async () => {
      const text = await readFile(make(type, bits))
      for (let length = 0; length < text.length - 1; length++) {
        assert.throws(() => parsePrivateKey(text.subarray(0, length)), { name: 'KeysError' })
      }
      const bytes = bytesOf(text)
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(() => parsePrivateKey(wrapped(bytes.subarray(0, length))), {
          name: 'KeysError',
        })
      }
    })

    it(`refuses an OpenSSH ${type} file in which any byte of the key is another`, async () => {
      const bytes = bytesOf(await readFile(make(type, bits)))
      // Some bytes do not count (the comment): what is imported all the same must sign as before.
      const publicKey = publicKeyFrom(parsePrivateKey(wrapped(bytes)).key)
      const step = type === 'rsa' ? 7 : 1
      for (let index = 0; index < bytes.length; index += step) {
        const changed = Buffer.from(bytes)
        changed[index] = (changed[index] ?? 0) ^ 1
        try {
          const imported = parsePrivateKey(wrapped(changed))
          const signatureBlob = signData(imported.key, data)
          assert.ok(verifySignature({ publicKey, data, signatureBlob }), `byte ${index}`)
        } catch (error) {
          assert.ok(
            error instanceof Error && error.name === 'KeysError',
            `byte ${index}: ${String(error)}`,
          )
        }
      }
    })
  }

  it('refuses an OpenSSH container that does not end in its padding', async () => {
    const bytes = bytesOf(await readFile(make('ed25519', '256')))
    bytes[bytes.length - 1] = 0xff
    assert.throws(
      () => parsePrivateKey(wrapped(bytes)),
      refused('private part does not end in its padding'),
    )
  })

  it('refuses an OpenSSH container of two keys', async () => {
    const bytes = bytesOf(await readFile(make('ed25519', '256')))
    const count = bytes.indexOf(Buffer.of(0, 0, 0, 1, 0, 0, 0, 51))
    bytes[count + 3] = 2
    assert.throws(
      () => parsePrivateKey(wrapped(bytes)),
      refused('the file holds 2 keys, one is expected'),
    )
  })
})

const data = Buffer.from('to be signed')
const begin = '-----BEGIN OPENSSH PRIVATE KEY-----'
const end = '-----END OPENSSH PRIVATE KEY-----'

function bytesOf(text: Buffer): Buffer {
  return Buffer.from(text.toString().replace(begin, '').replace(end, ''), 'base64')
}

function wrapped(bytes: Buffer): Buffer {
  return Buffer.from(`${begin}\n${bytes.toString('base64')}\n${end}\n`)
}
