import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { parseCertificate, signCertificate, validateCertificate } from '@sallyport/keys/certificate'
import type {
  Certificate,
  CertificateExpectations,
  CertificateSpec,
  ValidCertificate,
} from '@sallyport/keys/certificate'
import { fingerprint, publicKeyFrom } from '@sallyport/keys/publickey'
import { createWriter, KeysError } from '@sallyport/keys/wire'
import { privateKeys } from '../publickey/keygen.ts'
import { forge, now, signerFor, specFor, strings } from './forge.ts'
import type { ForgedFields } from './forge.ts'

const keys = privateKeys()
const subject = generateKeyPairSync('ed25519').privateKey
const authority = generateKeyPairSync('ed25519').privateKey

describe('validateCertificate', () => {
  const expected: CertificateExpectations = {
    authorities: [publicKeyFrom(authority)],
    type: 'user',
    principal: 'agent',
    now,
  }
  const signed = (changes: Partial<CertificateSpec> = {}, key: KeyObject = authority) =>
    signCertificate(specFor(subject, changes), signerFor(key))
  const validate = (certificate: Certificate, changes: Partial<CertificateExpectations> = {}) =>
    validateCertificate(certificate, { ...expected, ...changes })
  const forged = (fields: ForgedFields) => parseCertificate(forge(subject, authority, fields))

  it('returns the certificate as valid, with unknown extensions ignored', () => {
    const certificate = signed({ extensions: new Map([['x@y.example', 'anything']]) })
    const result = validate(certificate)
    assert.ok(result.kind === 'valid')
    assert.deepEqual(result.certificate.blob, certificate.blob)
  })

  it('is the only way to a valid certificate, by type', () => {
    // @ts-expect-error a certificate that was only parsed is not a valid one
    const certificate: ValidCertificate = signed()
    assert.ok(certificate)
  })

  it('takes authorities as keys or as blobs, among others', () => {
    const other = generateKeyPairSync('ed25519').publicKey
    const authorities = [publicKeyFrom(other).blob, new Uint8Array(publicKeyFrom(authority).blob)]
    assert.equal(validate(signed(), { authorities }).kind, 'valid')
  })

  it('rejects an authority that is not trusted, and names its fingerprint', () => {
    const reason = `signed by ${fingerprint(publicKeyFrom(authority).blob)}, which is no trusted authority`
    const rejection = { kind: 'rejected', code: 'untrusted-authority', reason }
    assert.deepEqual(validate(signed(), { authorities: [] }), rejection)
    const other = publicKeyFrom(generateKeyPairSync('ed25519').publicKey)
    assert.deepEqual(validate(signed(), { authorities: [other] }), rejection)
  })

  it('rejects a certificate that a trusted authority did not sign', () => {
    const liar = generateKeyPairSync('ed25519').privateKey
    const signatureKey = publicKeyFrom(authority).blob
    const certificate = parseCertificate(forge(subject, liar, { signatureKey }))
    assert.deepEqual(validate(certificate), {
      kind: 'rejected',
      code: 'bad-signature',
      reason: 'the signature of the authority does not verify',
    })
  })

  it('rejects the SHA-1 signature of an RSA authority', () => {
    const rsa = keys['rsa3072'] ?? assert.fail('no RSA key')
    const good = forge(subject, rsa)
    const { signedBytes } = parseCertificate(good)
    const signature = createWriter()
      .string('ssh-rsa')
      .string(sign('sha1', signedBytes, rsa))
      .bytes()
    const authorities = [publicKeyFrom(rsa)]
    assert.equal(validate(parseCertificate(good), { authorities }).kind, 'valid')
    const result = validate(parseCertificate(forge(subject, rsa, { signature })), { authorities })
    assert.ok(result.kind === 'rejected' && result.code === 'bad-signature')
  })

  it('rejects host certificates where users are expected, and the reverse', () => {
    const host = signed({ type: 'host', validPrincipals: ['agent'] })
    assert.deepEqual(validate(host), {
      kind: 'rejected',
      code: 'wrong-type',
      reason: 'a host certificate, expected a user certificate',
    })
    assert.equal(validate(host, { type: 'host' }).kind, 'valid')
    assert.equal(rejected(validate(signed(), { type: 'host' })).code, 'wrong-type')
  })

  it('is valid from validAfter on, until just before validBefore', () => {
    const certificate = signed({ validAfter: now, validBefore: now + 10n })
    const at = (time: bigint | number) => validate(certificate, { now: time })
    assert.deepEqual(at(now - 1n), {
      kind: 'rejected',
      code: 'not-yet-valid',
      reason: `valid from ${now}, it is ${now - 1n}`,
    })
    assert.equal(at(now).kind, 'valid')
    assert.equal(at(Number(now) + 9.9).kind, 'valid')
    assert.deepEqual(at(Number(now) + 10), {
      kind: 'rejected',
      code: 'expired',
      reason: `valid before ${now + 10n}, it is ${now + 10n}`,
    })
    assert.throws(() => at(Number.NaN), RangeError)
  })

  it('rejects a life longer than allowed, such as for ever', () => {
    const certificate = signed({ validAfter: 0n, validBefore: 2n ** 64n - 1n })
    assert.equal(validate(certificate).kind, 'valid')
    assert.deepEqual(validate(certificate, { maxLife: 3600 }), {
      kind: 'rejected',
      code: 'life-too-long',
      reason: 'issued for 18446744073709551615 s, at most 3600 s are accepted',
    })
    assert.equal(validate(signed(), { maxLife: 360 }).kind, 'valid')
  })

  it('rejects what the caller says is revoked, and asks only about signed certificates', () => {
    const isRevoked = ({ serial }: Certificate) => serial === 42n
    assert.deepEqual(validate(signed(), { isRevoked }), {
      kind: 'rejected',
      code: 'revoked',
      reason: 'the certificate with serial 42 is revoked',
    })
    assert.equal(validate(signed({ serial: 43n }), { isRevoked }).kind, 'valid')
    const asked = validate(signed(), { authorities: [], isRevoked: () => assert.fail('asked') })
    assert.equal(rejected(asked).code, 'untrusted-authority')
  })

  it('rejects empty principals, with and without one asked for', () => {
    const certificate = forged({ principals: Buffer.alloc(0) })
    const rejection = {
      kind: 'rejected',
      code: 'empty-principals',
      reason: 'no principals are listed',
    }
    assert.deepEqual(validate(certificate), rejection)
    const { principal: _, ...anyone } = expected
    assert.deepEqual(validateCertificate(certificate, anyone), rejection)
    assert.equal(validateCertificate(signed(), anyone).kind, 'valid')
  })

  it('rejects a principal that is not listed exactly so', () => {
    assert.deepEqual(validate(signed(), { principal: 'root' }), {
      kind: 'rejected',
      code: 'wrong-principal',
      reason: 'valid for agent deploy, not for "root"',
    })
    for (const principal of ['Agent', 'agent ', 'agen', 'agent,deploy', '', '*']) {
      assert.equal(rejected(validate(signed(), { principal })).code, 'wrong-principal', principal)
    }
  })

  it('rejects the whole list when one principal is malformed', () => {
    for (const name of ['agent,root', '*', 'a b', 'ro"ot', 'a\u200bb']) {
      const certificate = forged({ principals: strings('agent', name) })
      assert.deepEqual(validate(certificate), {
        kind: 'rejected',
        code: 'malformed-principal',
        reason: 'a listed principal has characters that are not accepted',
      })
    }
  })

  it('rejects force-command and unknown critical options unless the caller honours them', () => {
    const force = signed({ criticalOptions: new Map([['force-command', 'id']]) })
    assert.deepEqual(validate(force), {
      kind: 'rejected',
      code: 'force-command',
      reason: 'force-command is not supported',
    })
    assert.equal(validate(force, { knownCriticalOptions: ['force-command'] }).kind, 'valid')
    for (const name of ['verify-required', 'x@y.example', 'source-addresses', 'SOURCE-ADDRESS']) {
      const certificate = signed({ criticalOptions: new Map([[name, '']]) })
      assert.deepEqual(validate(certificate, { sourceAddress: '10.0.0.1' }), {
        kind: 'rejected',
        code: 'unknown-critical-option',
        reason: `critical option ${name} is not supported`,
      })
    }
  })

  it('rejects every critical option in a host certificate', () => {
    const criticalOptions = new Map([['source-address', '10.0.0.1']])
    const host = signed({ type: 'host', validPrincipals: ['agent'], criticalOptions })
    const result = validate(host, { type: 'host', sourceAddress: '10.0.0.1' })
    assert.equal(rejected(result).code, 'unknown-critical-option')
  })

  it('enforces source-address, also when the address of the peer is not known', () => {
    const certificate = signed({ criticalOptions: new Map([['source-address', '10.0.0.0/8']]) })
    const from = (sourceAddress: string) => validate(certificate, { sourceAddress })
    assert.equal(from('10.1.2.3').kind, 'valid')
    assert.equal(from('::ffff:10.1.2.3').kind, 'valid')
    assert.deepEqual(from('11.1.2.3'), {
      kind: 'rejected',
      code: 'source-address',
      reason: 'not valid from "11.1.2.3"',
    })
    assert.deepEqual(validate(certificate), {
      kind: 'rejected',
      code: 'source-address',
      reason: 'bound to source addresses, and that of the peer is not known',
    })
    const known = { knownCriticalOptions: ['source-address'] }
    assert.equal(rejected(validate(certificate, known)).code, 'source-address')
    const options = strings('source-address', strings('10.0.0.0/8,nonsense'))
    assert.deepEqual(
      validate(forged({ criticalOptions: options }), { sourceAddress: '10.1.2.3' }),
      {
        kind: 'rejected',
        code: 'source-address',
        reason: 'the list in source-address is malformed',
      },
    )
  })

  for (const [name, step] of Object.entries({
    ed25519: 1,
    p256: 5,
    p384: 13,
    p521: 23,
    rsa3072: 7,
  })) {
    it(`rejects a certificate signed by ${name} when any bit is flipped`, () => {
      const key = keys[name] ?? assert.fail(name)
      const authorities = [publicKeyFrom(key)]
      const { blob } = signed({ extensions: new Map([['permit-pty', '']]) }, key)
      assert.equal(validate(parseCertificate(blob), { authorities }).kind, 'valid')
      for (let bit = 0; bit < blob.length * 8; bit += step) {
        const flipped = Buffer.from(blob)
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        assert.ok(isRefused(flipped, authorities), `bit ${bit}`)
      }
    })
  }

  function isRefused(blob: Buffer, authorities: CertificateExpectations['authorities']): boolean {
    try {
      return validate(parseCertificate(blob), { authorities }).kind === 'rejected'
    } catch (error) {
      if (error instanceof KeysError) return true
      throw error
    }
  }
})

function rejected(result: ReturnType<typeof validateCertificate>) {
  if (result.kind === 'rejected') return result
  return assert.fail('the certificate was taken for valid')
}
