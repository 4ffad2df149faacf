import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import {
  parseCertificate,
  parseCertificateLine,
  validateCertificate,
} from '@sallyport/keys/certificate'
import { formatPublicKeyLine, parsePublicKeyLine, publicKeyFrom } from '@sallyport/keys/publickey'
import { createWriter, KeysError } from '@sallyport/keys/wire'
import { createScratch, keygenPair, publicLine, sshKeygen } from '../publickey/keygen.ts'
import { forge, now, strings } from './forge.ts'

const subject = generateKeyPairSync('ed25519').privateKey
const authority = generateKeyPairSync('ed25519').privateKey
const invalid = (message: string) => ({ code: 'ERR_KEYS_CERTIFICATE_INVALID', message })

describe('parseCertificate', () => {
  it('refuses each prefix of a certificate, and anything after it', () => {
    const blob = forge(subject, authority)
    assert.equal(parseCertificate(blob).keyId, 'forged')
    for (let length = 0; length < blob.length; length += 1) {
      assert.throws(() => parseCertificate(blob.subarray(0, length)), KeysError, `prefix ${length}`)
    }
    assert.throws(() => parseCertificate(Buffer.concat([blob, Buffer.of(0)])), {
      code: 'ERR_KEYS_WIRE_TRAILING',
    })
  })

  it('keeps no view of the bytes it was given', () => {
    const bytes = forge(subject, authority)
    const certificate = parseCertificate(bytes)
    bytes.fill(0)
    assert.deepEqual(certificate.blob, forge(subject, authority))
    assert.deepEqual(certificate.subject.blob, publicKeyFrom(subject).blob)
  })

  it('refuses a plain key, an unknown type, and a certificate within a certificate', () => {
    const code = 'ERR_KEYS_CERTIFICATE_TYPE'
    assert.throws(() => parseCertificate(publicKeyFrom(subject).blob), {
      code,
      message: 'expected a certificate, found a plain public key',
    })
    const unknown = { code, message: 'expected a certificate, found an unknown type' }
    for (const certType of [
      'ssh-dss-cert-v01@openssh.com',
      'ssh-ed25519-cert-v00@openssh.com',
      'ssh-ed25519-cert-v01@openssh.com-cert-v01@openssh.com',
      'sk-ssh-ed25519@openssh.com-cert-v01@openssh.com',
      'rsa-sha2-512-cert-v01@openssh.com',
      '__proto__',
    ]) {
      assert.throws(() => parseCertificate(forge(subject, authority, { certType })), unknown)
    }
  })

  it('refuses a certificate as the key of the authority (CVE-2025-49825)', () => {
    const signatureKey = forge(authority, authority)
    assert.throws(() => parseCertificate(forge(subject, authority, { signatureKey })), {
      code: 'ERR_KEYS_PUBLICKEY_TYPE',
      message: 'expected a plain public key, found "ssh-ed25519-cert-v01@openssh.com"',
    })
  })

  it('refuses a security key as authority', () => {
    const signatureKey = strings('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 9), 'ssh:')
    assert.throws(
      () => parseCertificate(forge(subject, authority, { signatureKey })),
      invalid('a security key as authority is not accepted'),
    )
  })

  it('refuses options that are repeated, out of order or ambiguous', () => {
    const parse = (name: 'criticalOptions' | 'extensions', bytes: Buffer) => () =>
      parseCertificate(forge(subject, authority, { [name]: bytes }))
    for (const field of ['criticalOptions', 'extensions'] as const) {
      const order = (name: string) => invalid(`option ${name} is repeated or out of order`)
      assert.throws(parse(field, strings('b', '', 'a', '')), order('a'))
      assert.throws(parse(field, strings('a', '', 'a', '')), order('a'))
      assert.throws(parse(field, strings('', '')), {
        message: 'an option name is empty, too long or not printable',
      })
      assert.throws(parse(field, strings('a\u001b', '')), { code: 'ERR_KEYS_CERTIFICATE_INVALID' })
      assert.throws(
        parse(field, strings('a', strings(''))),
        invalid('an option has an empty value'),
      )
      assert.throws(parse(field, strings('a', 'bare')), { code: 'ERR_KEYS_WIRE_TRUNCATED' })
      assert.throws(parse(field, strings('a', strings('x', 'y'))), {
        code: 'ERR_KEYS_WIRE_TRAILING',
      })
      assert.throws(parse(field, strings('a')), { code: 'ERR_KEYS_WIRE_TRUNCATED' })
    }
    assert.throws(
      parse('extensions', strings('permit-pty', strings('yes'))),
      invalid('option permit-pty takes no value'),
    )
    assert.throws(
      parse('criticalOptions', strings('source-address', '')),
      invalid('option source-address needs a value'),
    )
  })

  it('refuses what its fields must not hold', () => {
    const parse = (fields: Parameters<typeof forge>[2]) => () =>
      parseCertificate(forge(subject, authority, fields))
    assert.throws(parse({ reserved: Buffer.of(1) }), invalid('reserved field is not empty'))
    assert.throws(parse({ type: 0 }), invalid('certificate is of type 0, neither user nor host'))
    assert.throws(parse({ type: 3 }), invalid('certificate is of type 3, neither user nor host'))
    const nonce = invalid('nonce does not have 16 to 64 bytes')
    assert.throws(parse({ nonce: Buffer.alloc(0) }), nonce)
    assert.throws(parse({ nonce: Buffer.alloc(65) }), nonce)
    const keyId = invalid('key id is longer than 1024 or has control characters')
    assert.throws(parse({ keyId: 'a\u001b[2J' }), keyId)
    assert.throws(parse({ keyId: 'x'.repeat(1025) }), keyId)
    assert.throws(parse({ keyId: Buffer.of(0xff) }), { code: 'ERR_KEYS_WIRE_TEXT' })
    assert.throws(parse({ keyId: 'a\0b' }), { code: 'ERR_KEYS_WIRE_TEXT' })
    assert.throws(parse({ principals: strings('a', '') }), invalid('a principal is empty'))
    assert.throws(parse({ principals: strings('a\0b') }), { code: 'ERR_KEYS_WIRE_TEXT' })
    const many = Array.from({ length: 257 }, (_, index) => `agent${index}`)
    assert.throws(
      parse({ principals: strings(...many) }),
      invalid('certificate has more than 256 principals'),
    )
    const most = parse({ principals: strings(...many.slice(1)) })()
    assert.equal(most.validPrincipals.length, 256)
    assert.throws(parse({ extensions: strings('a', strings('x'.repeat(70_000))) }), {
      message: 'certificate is longer than 65536 bytes',
    })
  })

  it('throws nothing but KeysError whatever bytes are written over a certificate', () => {
    const blob = forge(subject, authority, { extensions: strings('a', strings('b'), 'c', '') })
    const at = fc.nat({ max: blob.length - 1 })
    fc.assert(
      fc.property(at, fc.uint8Array({ minLength: 1, maxLength: 12 }), (offset, bytes) => {
        const damaged = Buffer.from(blob)
        damaged.set(bytes.subarray(0, blob.length - offset), offset)
        try {
          parseCertificate(damaged)
        } catch (error) {
          assert.ok(error instanceof KeysError, String(error))
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('parseCertificateLine', () => {
  const scratch = createScratch()
  after(() => scratch.remove())

  it('reads every field as ssh-keygen wrote it', () => {
    const ca = keygenPair(scratch.folder, 'ca', 'ecdsa', 256)
    const key = keygenPair(scratch.folder, 'key', 'ed25519')
    const options = [
      'source-address=10.0.0.0/8,::1',
      'critical:x@y.example=one',
      'extension:z@y.example',
    ]
    const flags = `-q -s ${ca} -n agent,deploy -z 18446744073709551615`.split(' ')
    const times = ['-V', '20260101000000Z:20260101000500Z']
    const extra = options.flatMap((option) => ['-O', option])
    sshKeygen([...flags, ...times, '-I', 'some id', ...extra, `${key}.pub`])
    const certificate = parseCertificateLine(publicLine(`${key}-cert`))
    assert.equal(certificate.certType, 'ssh-ed25519-cert-v01@openssh.com')
    assert.equal(certificate.type, 'user')
    assert.deepEqual(certificate.subject.blob, parsePublicKeyLine(publicLine(key)).blob)
    assert.deepEqual(certificate.signatureKey.blob, parsePublicKeyLine(publicLine(ca)).blob)
    assert.equal(certificate.serial, 2n ** 64n - 1n)
    assert.equal(certificate.keyId, 'some id')
    assert.deepEqual(certificate.validPrincipals, ['agent', 'deploy'])
    assert.equal(certificate.validAfter, 1_767_225_600n)
    assert.equal(certificate.validBefore, 1_767_225_900n)
    assert.deepEqual(
      [...certificate.criticalOptions],
      [
        ['source-address', '10.0.0.0/8,::1'],
        ['x@y.example', 'one'],
      ],
    )
    assert.deepEqual(
      [...certificate.extensions],
      [
        ['permit-X11-forwarding', ''],
        ['permit-agent-forwarding', ''],
        ['permit-port-forwarding', ''],
        ['permit-pty', ''],
        ['permit-user-rc', ''],
        ['z@y.example', ''],
      ],
    )
  })

  it('reads and validates what ssh-keygen signs, for each subject and authority type', () => {
    const types = [
      ['ed25519', 256],
      ['ecdsa', 256],
      ['ecdsa', 384],
      ['ecdsa', 521],
      ['rsa', 3072],
    ] as const
    const files = types.map(([type, bits]) =>
      keygenPair(scratch.folder, `${type}-${bits}`, type, bits),
    )
    for (const authorityFile of files) {
      const authorities = [parsePublicKeyLine(publicLine(authorityFile))]
      const flags = `-q -s ${authorityFile} -I id -n agent`.split(' ')
      sshKeygen([...flags, ...files.map((file) => `${file}.pub`)])
      for (const file of files) {
        const certificate = parseCertificateLine(publicLine(`${file}-cert`))
        assert.deepEqual(certificate.subject.blob, parsePublicKeyLine(publicLine(file)).blob)
        const result = validateCertificate(certificate, { authorities, type: 'user', now })
        assert.equal(result.kind, 'valid', `${file} by ${authorityFile}`)
      }
    }
  })

  it('refuses lines that are not a certificate line', () => {
    const line = formatPublicKeyLine(forge(subject, authority), 'comment')
    assert.equal(parseCertificateLine(`${line}\n`).keyId, 'forged')
    const code = 'ERR_KEYS_CERTIFICATE_LINE'
    assert.throws(() => parseCertificateLine('nothing'), {
      code,
      message: 'not a line "type base64 comment"',
    })
    assert.throws(() => parseCertificateLine(line.replace('ssh-ed25519', 'ssh-rsa')), {
      code,
      message: 'line and certificate name different types',
    })
    assert.throws(() => parseCertificateLine(formatPublicKeyLine(publicKeyFrom(subject).blob)), {
      code: 'ERR_KEYS_CERTIFICATE_TYPE',
    })
  })

  it('reads a certified security key, and refuses one without its application', () => {
    const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    const point = strings(Buffer.from(x ?? '', 'base64url'))
    const certType = 'sk-ssh-ed25519-cert-v01@openssh.com'
    const keyFields = Buffer.concat([point, strings('ssh:')])
    const certificate = parseCertificate(forge(subject, authority, { certType, keyFields }))
    assert.equal(certificate.subject.type, 'sk-ssh-ed25519@openssh.com')
    assert.equal(certificate.subject.application, 'ssh:')
    const expected = createWriter().string('sk-ssh-ed25519@openssh.com').raw(keyFields).bytes()
    assert.deepEqual(certificate.subject.blob, expected)
    assert.throws(
      () => parseCertificate(forge(subject, authority, { certType, keyFields: point })),
      KeysError,
    )
  })
})
