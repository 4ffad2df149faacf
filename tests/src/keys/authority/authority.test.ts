import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createAuthority } from '@sallyport/keys/authority'
import type { AuthorityOptions, UserCertificateRequest } from '@sallyport/keys/authority'
import { validateCertificate } from '@sallyport/keys/certificate'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import { signerFor } from '../certificate/forge.ts'

const milliseconds = 1_767_225_600_500
const now = 1_767_225_600n

describe('createAuthority', () => {
  const newSigner = () => signerFor(generateKeyPairSync('ed25519').privateKey)
  const signers = { user: newSigner(), host: newSigner(), upstream: newSigner() }
  const subject = publicKeyFrom(generateKeyPairSync('ed25519').publicKey)
  const request: UserCertificateRequest = {
    subject,
    keyId: 'ci',
    principals: ['agent'],
    validBefore: now + 300n,
  }
  const open = (changes: Partial<AuthorityOptions> = {}) =>
    createAuthority({
      signer: signers[changes.kind ?? 'user'],
      kind: 'user',
      now: () => milliseconds,
      ...changes,
    })
  const refused = (...problems: readonly string[]) => ({
    code: 'ERR_KEYS_AUTHORITY_REFUSED',
    message: `certificate not issued: ${problems.join('; ')}`,
  })

  it('issues user certificates that are valid from a minute ago, for what was asked', () => {
    const authority = open()
    const certificate = authority.issueUserCertificate({
      ...request,
      criticalOptions: new Map([['source-address', '10.0.0.0/8']]),
      extensions: new Map([['permit-pty', '']]),
    })
    assert.equal(certificate.validAfter, now - 60n)
    assert.equal(certificate.validBefore, now + 300n)
    assert.equal(certificate.keyId, 'ci')
    assert.deepEqual(certificate.subject.blob, subject.blob)
    assert.deepEqual([...certificate.extensions], [['permit-pty', '']])
    const { kind } = validateCertificate(certificate, {
      authorities: [authority.publicKey],
      type: 'user',
      principal: 'agent',
      now,
      sourceAddress: '10.0.0.1',
    })
    assert.equal(kind, 'valid')
  })

  it('permits nothing that was not asked for', () => {
    const certificate = open().issueUserCertificate(request)
    assert.equal(certificate.extensions.size, 0)
    assert.equal(certificate.criticalOptions.size, 0)
  })

  it('issues host certificates, which no user expectation accepts', () => {
    const authority = open({ kind: 'host' })
    const certificate = authority.issueHostCertificate({
      subject,
      keyId: 'web-1',
      hostnames: ['web-1', 'web-1.prod.example'],
      validBefore: now + 86_400n,
    })
    assert.equal(certificate.type, 'host')
    assert.deepEqual(certificate.validPrincipals, ['web-1', 'web-1.prod.example'])
    const authorities = [authority.publicKey]
    const result = validateCertificate(certificate, { authorities, type: 'user', now })
    assert.ok(result.kind === 'rejected' && result.code === 'wrong-type')
  })

  it('never issues certificates of the other kind', () => {
    const user = open()
    const host = open({ kind: 'host' })
    assert.notDeepEqual(user.publicKey.blob, host.publicKey.blob)
    assert.throws(() => host.issueUserCertificate(request), {
      name: 'TypeError',
      message: 'the host authority issues no user certificates',
    })
    const named = { subject, keyId: 'x', hostnames: ['x'], validBefore: now + 1n }
    assert.throws(() => user.issueHostCertificate(named), {
      name: 'TypeError',
      message: 'the user authority issues no host certificates',
    })
  })

  it('ends a certificate with the token that it rests on', () => {
    const authority = open()
    const short = authority.issueUserCertificate({ ...request, notAfter: Number(now) + 9.7 })
    assert.equal(short.validBefore, now + 9n)
    const long = authority.issueUserCertificate({ ...request, notAfter: now + 9000n })
    assert.equal(long.validBefore, now + 300n)
    assert.throws(
      () => authority.issueUserCertificate({ ...request, notAfter: now }),
      refused('validBefore has passed 0 s ago'),
    )
  })

  it('refuses a later modifier that would let it outlive the token', () => {
    const authority = open({
      modifiers: [(spec) => ({ ...spec, validBefore: spec.validBefore + 60n })],
    })
    assert.throws(
      () => authority.issueUserCertificate({ ...request, notAfter: now + 10n }),
      refused('it would outlive the proof of identity that it rests on'),
    )
  })

  it('refuses a long life, a start long ago and an end in the past, all named at once', () => {
    const authority = open({ maxLife: 600 })
    const issue = (changes: Partial<UserCertificateRequest>) => () =>
      authority.issueUserCertificate({ ...request, ...changes })
    assert.equal(issue({ validBefore: now + 600n })().validBefore, now + 600n)
    const long = 'it would live 601 s, at most 600 s are allowed'
    const early = 'validAfter lies 61 s back, at most 60 s are allowed'
    assert.throws(issue({ validBefore: now + 601n }), refused(long))
    assert.throws(issue({ validAfter: now - 61n }), refused(early))
    assert.throws(issue({ validAfter: now - 61n, validBefore: now + 601n }), refused(early, long))
    assert.throws(issue({ validBefore: now - 5n }), refused('validBefore has passed 5 s ago'))
    const forever = issue({ validBefore: 2n ** 64n - 1n })
    assert.throws(forever, { code: 'ERR_KEYS_AUTHORITY_REFUSED' })
  })

  it('limits life by default: an hour for users, a day for hosts', () => {
    const user = open()
    assert.throws(
      () => user.issueUserCertificate({ ...request, validBefore: now + 3601n }),
      refused('it would live 3601 s, at most 3600 s are allowed'),
    )
    const host = open({ kind: 'host' })
    const named = { subject, keyId: 'x', hostnames: ['x'], validBefore: now + 86_401n }
    assert.throws(
      () => host.issueHostCertificate(named),
      refused('it would live 86401 s, at most 86400 s are allowed'),
    )
  })

  it('refuses principals that are empty, malformed or many', () => {
    const authority = open()
    const issue = (principals: readonly string[]) => () =>
      authority.issueUserCertificate({ ...request, principals })
    const code = 'ERR_KEYS_CERTIFICATE_SPEC'
    assert.throws(issue([]), { code })
    assert.throws(issue(['a,b']), { code })
    const many = Array.from({ length: 17 }, (_, index) => `agent${index}`)
    assert.throws(issue(many), refused('it names 17 principals, at most 16 are allowed'))
    assert.equal(issue(many.slice(1))().validPrincipals.length, 16)
  })

  it('runs the validators it is given on what the modifiers left', () => {
    const seen: string[] = []
    const authority = open({
      modifiers: [(spec) => ({ ...spec, keyId: `${spec.keyId}/one` })],
      validators: [
        (spec, context) => {
          seen.push(spec.keyId)
          return context.now === now && spec.keyId.endsWith('bad/one') ? 'bad key id' : undefined
        },
      ],
    })
    assert.equal(authority.issueUserCertificate(request).keyId, 'ci/one')
    assert.throws(
      () => authority.issueUserCertificate({ ...request, keyId: 'bad' }),
      refused('bad key id'),
    )
    assert.deepEqual(seen, ['ci/one', 'bad/one'])
  })

  it('refuses a modifier that turns a certificate into one of the other kind', () => {
    const authority = open({ modifiers: [(spec) => ({ ...spec, type: 'host' })] })
    assert.throws(
      () => authority.issueUserCertificate(request),
      refused('a modifier made it a host certificate'),
    )
  })

  it('gives each certificate a serial of its own that grows, also when the clock steps back', () => {
    let time = milliseconds
    const authority = open({ now: () => time })
    const serials: bigint[] = []
    for (let index = 0; index < 200; index += 1) {
      serials.push(authority.issueUserCertificate(request).serial)
      if (index === 100) time -= 5000
    }
    for (const [index, serial] of serials.entries()) {
      assert.ok(index === 0 || serial > (serials[index - 1] ?? 0n))
      assert.ok(serial < 2n ** 64n)
    }
    const first = serials[0] ?? 0n
    assert.equal(first >> 23n, BigInt(milliseconds - Date.UTC(2020, 0, 1)))
  })

  it('takes serial and nonce from the given randomness', () => {
    const issue = () => {
      const authority = open({ random: (size) => Buffer.alloc(size, 5) })
      return authority.issueUserCertificate(request)
    }
    assert.deepEqual(issue().blob, issue().blob)
  })
})
