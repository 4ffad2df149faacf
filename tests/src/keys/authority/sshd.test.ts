import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createAuthority } from '@sallyport/keys/authority'
import type { Authority } from '@sallyport/keys/authority'
import { formatCertificateLine, signCertificate } from '@sallyport/keys/certificate'
import type { Certificate, CertificateSpec } from '@sallyport/keys/certificate'
import { formatPublicKeyLine, parsePublicKeyLine } from '@sallyport/keys/publickey'
import { signerFor } from '../certificate/forge.ts'
import { createScratch, keygenPair, privateKeys, publicLine } from '../publickey/keygen.ts'
import { startSshd } from './sshd.ts'
import type { Sshd } from './sshd.ts'

const seconds = () => BigInt(Math.floor(Date.now() / 1000))

describe('certificates at a real sshd', () => {
  const scratch = createScratch()
  const elsewhere = signerFor(privateKeys()['p384'] ?? assert.fail('no key'))
  let authority: Authority
  let sshd: Sshd
  let keyFiles: Readonly<Record<string, string>>

  before(async () => {
    const signer = signerFor(privateKeys()['ed25519'] ?? assert.fail('no key'))
    authority = createAuthority({ signer, kind: 'user', now: Date.now })
    // The second authority signs what ours would refuse to, so that sshd is seen to refuse it too.
    const lines = [authority.publicKey, elsewhere.publicKey].map(({ blob }) =>
      formatPublicKeyLine(blob),
    )
    sshd = await startSshd(scratch.folder, lines.join('\n'))
    keyFiles = {
      ed25519: keygenPair(scratch.folder, 'ed25519', 'ed25519'),
      ecdsa: keygenPair(scratch.folder, 'ecdsa', 'ecdsa', 384),
      rsa: keygenPair(scratch.folder, 'rsa', 'rsa', 2048),
    }
  })

  after(async () => {
    await sshd.close()
    scratch.remove()
  })

  function keyFile(name: string): string {
    return keyFiles[name] ?? assert.fail(name)
  }

  function subject(name: string) {
    return parsePublicKeyLine(publicLine(keyFile(name)))
  }

  function loginWith(name: string, certificate: Certificate) {
    writeFileSync(`${keyFile(name)}-cert.pub`, `${formatCertificateLine(certificate)}\n`)
    return sshd.login(keyFile(name), 'echo let in')
  }

  for (const name of ['ed25519', 'ecdsa', 'rsa']) {
    it(`lets stock ssh in with a certified ${name} key`, async () => {
      const certificate = authority.issueUserCertificate({
        subject: subject(name),
        keyId: `test ${name}`,
        principals: [sshd.user],
        validBefore: seconds() + 300n,
        criticalOptions: new Map([['source-address', '127.0.0.0/8']]),
        extensions: new Map([
          ['permit-pty', ''],
          ['identity@sallyport.example', '{"name":"ci"}'],
        ]),
      })
      const { stdout, stderr, exitStatus } = await loginWith(name, certificate)
      assert.equal(stdout, 'let in\n', stderr)
      assert.equal(exitStatus, 0)
    })
  }

  const variants: readonly [string, (user: string) => Partial<CertificateSpec>, boolean][] = [
    ['lets in the control of these variants', () => ({}), true],
    ['refuses an expired one', () => ({ validBefore: seconds() - 1n }), false],
    ['refuses one that is not valid yet', () => ({ validAfter: seconds() + 60n }), false],
    ['refuses another principal', (user) => ({ validPrincipals: [`${user}2`] }), false],
    [
      'refuses another source address',
      () => ({ criticalOptions: new Map([['source-address', '192.0.2.0/24']]) }),
      false,
    ],
    [
      'refuses an unknown critical option',
      () => ({ criticalOptions: new Map([['x@sallyport.example', 'y']]) }),
      false,
    ],
    ['refuses a host certificate', () => ({ type: 'host' }), false],
  ]
  for (const [title, change, isLetIn] of variants) {
    it(title, async () => {
      const spec: CertificateSpec = {
        type: 'user',
        subject: subject('ed25519'),
        serial: 1n,
        keyId: title,
        validPrincipals: [sshd.user],
        validAfter: seconds() - 120n,
        validBefore: seconds() + 300n,
        ...change(sshd.user),
      }
      const result = await loginWith('ed25519', signCertificate(spec, elsewhere))
      assert.equal(result.stdout, isLetIn ? 'let in\n' : '', result.stderr)
      if (!isLetIn) assert.match(result.stderr, /Permission denied \(publickey\)/)
      assert.equal(result.exitStatus, isLetIn ? 0 : 255)
    })
  }
})
