import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  formatCertificateLine,
  parseCertificate,
  signatureAlgorithmOf,
  signCertificate,
  validateCertificate,
} from '@sallyport/keys/certificate'
import type { CertificateSpec } from '@sallyport/keys/certificate'
import { fingerprint, publicKeyFrom } from '@sallyport/keys/publickey'
import { createScratch, createSecurityKey, privateKeys, sshKeygen } from '../publickey/keygen.ts'
import { now, signerFor, specFor } from './forge.ts'

const keys = privateKeys()
const subject = generateKeyPairSync('ed25519').privateKey
const authority = generateKeyPairSync('ed25519').privateKey

describe('signCertificate', () => {
  const scratch = createScratch()
  after(() => scratch.remove())

  /** Returns what ssh-keygen -L says about a certificate. */
  function judged(line: string): string {
    const file = join(scratch.folder, 'judged-cert.pub')
    writeFileSync(file, `${line}\n`)
    return sshKeygen(['-L', '-f', file])
  }

  for (const [subjectName, subjectKey] of Object.entries(keys)) {
    for (const [authorityName, authorityKey] of Object.entries(keys)) {
      it(`certifies ${subjectName} by ${authorityName} to the satisfaction of ssh-keygen`, () => {
        const signer = signerFor(authorityKey)
        const spec = specFor(subjectKey)
        const certificate = signCertificate(spec, signer)
        const text = judged(formatCertificateLine(certificate, 'made here'))
        assert.match(text, new RegExp(`Type: ${certificate.certType} user certificate`))
        assert.ok(text.includes(fingerprint(spec.subject.blob)), text)
        assert.ok(text.includes(fingerprint(signer.publicKey.blob)), text)
        assert.match(text, /Key ID: "ci\/github:acme jti=12345678"\n +Serial: 42\n/)
        assert.match(text, /Principals: \n +agent\n +deploy\n/)
        const { kind } = validateCertificate(parseCertificate(certificate.blob), {
          authorities: [signer.publicKey],
          type: 'user',
          principal: 'deploy',
          now,
        })
        assert.equal(kind, 'valid')
      })
    }
  }

  it('writes options sorted, whatever order they were given in', () => {
    const spec = specFor(subject, {
      criticalOptions: new Map([['source-address', '10.0.0.0/8']]),
      extensions: new Map([
        ['permit-pty', ''],
        ['claims@sallyport.example', '{"run":1}'],
        ['permit-port-forwarding', ''],
        ['permit-X11-forwarding', ''],
      ]),
    })
    const certificate = signCertificate(spec, signerFor(authority))
    assert.deepEqual(
      [...certificate.extensions.keys()],
      ['claims@sallyport.example', 'permit-X11-forwarding', 'permit-port-forwarding', 'permit-pty'],
    )
    assert.equal(certificate.extensions.get('claims@sallyport.example'), '{"run":1}')
    const text = judged(formatCertificateLine(certificate))
    assert.match(text, /Critical Options: \n +source-address 10\.0\.0\.0\/8\n/)
    assert.match(text, /permit-X11-forwarding\n +permit-port-forwarding\n +permit-pty\n/)
  })

  it('certifies hosts by name and address', () => {
    const spec = specFor(subject, {
      type: 'host',
      validPrincipals: ['web-1', 'web-1.prod.example', '192.0.2.7', '2001:db8::7'],
    })
    const text = judged(formatCertificateLine(signCertificate(spec, signerFor(authority))))
    assert.match(text, /host certificate/)
    assert.match(text, /2001:db8::7/)
  })

  for (const kind of ['ed25519', 'ecdsa'] as const) {
    it(`certifies security keys (${kind})`, () => {
      const { publicKey } = createSecurityKey(kind)
      const spec = specFor(subject, { subject: publicKey })
      const certificate = signCertificate(spec, signerFor(authority))
      assert.ok(judged(formatCertificateLine(certificate)).includes(fingerprint(publicKey.blob)))
      assert.deepEqual(certificate.subject.blob, publicKey.blob)
    })
  }

  it('takes the nonce from the given randomness, and else a fresh one each time', () => {
    const signer = signerFor(authority)
    const random = (size: number) => Buffer.alloc(size, 3)
    const fixed = signCertificate(specFor(subject), signer, { random })
    assert.deepEqual(fixed.nonce, Buffer.alloc(32, 3))
    const nonces = [1, 2].map(() => signCertificate(specFor(subject), signer).nonce.toString('hex'))
    assert.equal(new Set(nonces).size, 2)
  })

  const refused = (changes: Partial<CertificateSpec>, ...problems: readonly string[]) => {
    assert.throws(() => signCertificate(specFor(subject, changes), signerFor(authority)), {
      code: 'ERR_KEYS_CERTIFICATE_SPEC',
      message: `certificate not signed: ${problems.join('; ')}`,
    })
  }

  it('refuses empty principals (CVE-2024-7594)', () => {
    refused({ validPrincipals: [] }, 'no principals: OpenSSH would read that as any')
  })

  it('refuses principals that some server splits, expands or trims (CVE-2026-35414)', () => {
    const names = [
      'a,b',
      'a b',
      ' a',
      'a\t',
      '*',
      'a*',
      '?',
      '!a',
      '"a"',
      "a'",
      'a\\b',
      'a\nb',
      '-a',
    ]
    for (const name of [...names, '', '.a', 'a/b', 'a%h', 'ä', 'a\0', 'x'.repeat(65), '${USER}']) {
      const shown = JSON.stringify(name.slice(0, 64))
      refused({ validPrincipals: ['agent', name] }, `${shown} cannot be a principal of a user`)
    }
    const spec = specFor(subject, { validPrincipals: ['ci.bot+1@acme-x', '_svc', 'x'.repeat(64)] })
    assert.equal(signCertificate(spec, signerFor(authority)).validPrincipals.length, 3)
  })

  it('refuses host names with wildcards or lists in them', () => {
    for (const name of ['*.prod', 'a,b', '', 'a b', '-x', '[::1]:22', 'fe80::1%eth0 ']) {
      refused(
        { type: 'host', validPrincipals: [name] },
        `${JSON.stringify(name)} cannot be a principal of a host`,
      )
    }
  })

  it('refuses times that are reversed, empty or out of range', () => {
    refused({ validAfter: now, validBefore: now }, 'validAfter is not before validBefore')
    refused({ validAfter: now, validBefore: now - 1n }, 'validAfter is not before validBefore')
    const range = 'validity is not in unsigned 64-bit seconds'
    refused({ validAfter: -1n }, range)
    refused({ validBefore: 2n ** 64n }, range)
    refused({ serial: -1n }, 'serial is not an unsigned 64-bit number')
    refused({ serial: 2n ** 64n }, 'serial is not an unsigned 64-bit number')
  })

  it('refuses key ids that would not stay one printable line in a log', () => {
    const problem = 'key id is not 1 to 200 printable ASCII characters'
    for (const keyId of ['', 'a\nb', 'a\u001b[2J', 'ä', 'a\n', 'x'.repeat(201)])
      refused({ keyId }, problem)
  })

  it('refuses options that are malformed, and names every problem at once', () => {
    refused(
      { criticalOptions: new Map([['source-address', '10.0.0.1/8']]) },
      'source-address is not a list of addresses and CIDR blocks',
    )
    refused({ extensions: new Map([['permit-pty', 'yes']]) }, 'option permit-pty takes no value')
    refused(
      { extensions: new Map([['a b', '']]) },
      'an option name is empty, too long or not printable',
    )
    refused(
      { extensions: new Map([['a', 'x\0y']]), criticalOptions: new Map([['force-command', '']]) },
      'option force-command needs a value',
      'value of option a has control characters or is not Unicode',
    )
  })

  it('keeps values that look like syntax as plain text (no templates)', () => {
    const value = '{"principals":["root"]}, {{ .Token }} ${x} "'
    const spec = specFor(subject, { keyId: value, extensions: new Map([['claims@x', value]]) })
    const certificate = signCertificate(spec, signerFor(authority))
    assert.equal(certificate.keyId, value)
    assert.equal(certificate.extensions.get('claims@x'), value)
    assert.deepEqual(certificate.validPrincipals, ['agent', 'deploy'])
  })

  it('refuses to hand out what the signer signed with another key', () => {
    const other = signerFor(generateKeyPairSync('ed25519').privateKey)
    const signer = { publicKey: publicKeyFrom(authority), sign: (data: Buffer) => other.sign(data) }
    assert.throws(() => signCertificate(specFor(subject), signer), {
      code: 'ERR_KEYS_CERTIFICATE_SPEC',
      message:
        'certificate not signed: the signer returned a signature that its own public key does not verify',
    })
  })
})

describe('signatureAlgorithmOf', () => {
  it('pairs the algorithm of a request with the certificate, and refuses SHA-1', () => {
    const certificate = (name: string) =>
      signCertificate(specFor(keys[name] ?? assert.fail(name)), signerFor(authority))
    const ed25519 = certificate('ed25519')
    assert.equal(signatureAlgorithmOf(ed25519, 'ssh-ed25519-cert-v01@openssh.com'), 'ssh-ed25519')
    assert.equal(signatureAlgorithmOf(ed25519, 'ssh-ed25519'), undefined)
    assert.equal(signatureAlgorithmOf(ed25519, 'rsa-sha2-512-cert-v01@openssh.com'), undefined)
    const rsa = certificate('rsa3072')
    assert.equal(signatureAlgorithmOf(rsa, 'rsa-sha2-256-cert-v01@openssh.com'), 'rsa-sha2-256')
    assert.equal(signatureAlgorithmOf(rsa, 'rsa-sha2-512-cert-v01@openssh.com'), 'rsa-sha2-512')
    assert.equal(signatureAlgorithmOf(rsa, 'ssh-rsa-cert-v01@openssh.com'), undefined)
  })
})
