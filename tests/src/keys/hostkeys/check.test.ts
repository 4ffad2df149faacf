import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { signCertificate } from '@sallyport/keys/certificate'
import type { CertificateSpec } from '@sallyport/keys/certificate'
import { checkHostKey, hostKeyAlgorithms } from '@sallyport/keys/hostkeys'
import type { HostKeyCheck, HostKeyRecord } from '@sallyport/keys/hostkeys'
import { fingerprint, publicKeyFrom } from '@sallyport/keys/publickey'
import { parseCertificateLine } from '@sallyport/keys/certificate'
import fc from 'fast-check'
import { forge, now, signerFor, specFor, strings } from '../certificate/forge.ts'
import { createScratch, keygenPair, sshKeygen } from '../publickey/keygen.ts'
import { ed25519, hostKeys, record } from './keys.ts'

const host = ed25519()
const authority = ed25519()
const hostKey = publicKeyFrom(host)
const authorityKey = publicKeyFrom(authority)
const trusted = record(authorityKey, { kind: 'authority' })
const [other, another] = hostKeys(2)
assert.ok(other && another)

function check(
  records: readonly HostKeyRecord[],
  shown: Uint8Array,
  names: readonly string[] = ['web-1', '10.0.0.5'],
): HostKeyCheck {
  return checkHostKey({ records, hostKey: shown, names, now: Number(now) })
}

function refusalOf(records: readonly HostKeyRecord[], shown: Uint8Array, names?: string[]) {
  const verdict = check(records, shown, names)
  assert.ok(verdict.kind === 'refused', `it is ${verdict.kind}`)
  return verdict
}

function certificate(changes: Partial<CertificateSpec> = {}, signedBy = authority): Buffer {
  const spec = specFor(host, { type: 'host', validPrincipals: ['web-1'], ...changes })
  return signCertificate(spec, signerFor(signedBy)).blob
}

describe('checkHostKey', () => {
  it('takes a pinned key, and says what was expected when another is shown', () => {
    const records = [record(hostKey), record(other)]
    assert.deepEqual(check(records, hostKey.blob), { kind: 'pinned', publicKey: hostKey })
    const expected = [fingerprint(hostKey.blob), fingerprint(other.blob)]
    const offered = fingerprint(another.blob)
    assert.deepEqual(refusalOf(records, another.blob), {
      kind: 'refused',
      code: 'mismatch',
      expected,
      offered,
      publicKey: another,
      reason: `its host key is ${offered}, pinned is ${expected.join(' or ')}`,
    })
  })

  it('never takes a first key on trust, nor a candidate', () => {
    for (const records of [[], [record(hostKey, { state: 'candidate' })]]) {
      const { code, reason } = refusalOf(records, hostKey.blob)
      assert.equal(code, 'unpinned')
      assert.equal(reason, `its host key ${fingerprint(hostKey.blob)} is not pinned`)
    }
  })

  it('refuses a revoked key, also where it is pinned, and whatever certificate comes with it', () => {
    const revoked = record(hostKey, { state: 'revoked', kind: 'authority' })
    for (const shown of [hostKey.blob, certificate()]) {
      const { code, reason } = refusalOf([record(hostKey), revoked, trusted], shown)
      assert.equal(code, 'revoked')
      assert.equal(reason, `its host key ${fingerprint(hostKey.blob)} is revoked`)
    }
  })

  it('does not take the key of an authority for a host key', () => {
    assert.equal(refusalOf([trusted], authorityKey.blob).code, 'mismatch')
  })

  it('takes nothing but a whole key, and does not throw for anything', () => {
    const whole = [hostKey.blob, certificate()]
    for (const blob of whole) {
      for (let length = 0; length < blob.length; length += 1) {
        assert.equal(
          refusalOf([record(hostKey), trusted], blob.subarray(0, length)).code,
          'mismatch',
        )
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(refusalOf([record(hostKey), trusted], bytes).code, 'mismatch')
      }),
    )
  })
})

describe('checkHostKey: certificates', () => {
  it('takes one that a pinned authority signed for the name or the address', () => {
    for (const validPrincipals of [['web-1'], ['10.0.0.5'], ['web-2', 'web-1']]) {
      assert.deepEqual(check([trusted], certificate({ validPrincipals })), {
        kind: 'certified',
        publicKey: hostKey,
        authority: authorityKey,
      })
    }
  })

  it('takes one of ssh-keygen, and only for whom ssh-keygen made it', () => {
    const scratch = createScratch()
    try {
      const ca = keygenPair(scratch.folder, 'ca', 'ecdsa')
      const key = keygenPair(scratch.folder, 'host', 'rsa')
      const from = new Date((Number(now) - 60) * 1000).toISOString().slice(0, 19)
      const start = `${from.replaceAll(/[-:T]/g, '')}Z`
      sshKeygen([
        '-q',
        '-s',
        ca,
        '-h',
        '-I',
        'x',
        '-n',
        'web-1',
        '-V',
        `${start}:forever`,
        `${key}.pub`,
      ])
      const made = parseCertificateLine(readFileSync(`${key}-cert.pub`, 'utf8'))
      const records = [record(made.signatureKey, { kind: 'authority' })]
      assert.equal(check(records, made.blob).kind, 'certified')
      assert.match(
        refusalOf(records, made.blob, ['web-2']).reason,
        /valid for web-1, not for "web-2"/,
      )
    } finally {
      scratch.remove()
    }
  })

  for (const [title, shown, code, expected] of [
    [
      'is for another host',
      certificate({ validPrincipals: ['web-2'] }),
      'mismatch',
      /valid for web-2/,
    ],
    [
      'is for nobody by name',
      forge(host, authority, { type: 2, principals: strings() }),
      'mismatch',
      /no principals/,
    ],
    [
      'is for a pattern',
      forge(host, authority, { type: 2, principals: strings('*') }),
      'mismatch',
      /characters that are not accepted/,
    ],
    [
      'is for users',
      forge(host, authority, { principals: strings('web-1') }),
      'mismatch',
      /a user certificate/,
    ],
    [
      'somebody else signed',
      certificate({}, ed25519()),
      'mismatch',
      /which is no trusted authority/,
    ],
    [
      'has a false signature',
      forge(host, authority, {
        type: 2,
        principals: strings('web-1'),
        signature: Buffer.from(signCertificate(specFor(host), signerFor(authority)).signature),
      }),
      'mismatch',
      /does not verify/,
    ],
    ['has run out', certificate({ validBefore: now }), 'not-in-time', /valid before/],
    ['is not valid yet', certificate({ validAfter: now + 1n }), 'not-in-time', /valid from/],
    [
      'has a critical option',
      forge(host, authority, {
        type: 2,
        principals: strings('web-1'),
        criticalOptions: strings('x@y', ''),
      }),
      'mismatch',
      /critical option x@y/,
    ],
  ] as const) {
    it(`refuses one that ${title}`, () => {
      const refusal = refusalOf([trusted], shown)
      assert.equal(refusal.code, code)
      assert.match(refusal.reason, expected)
      assert.equal(refusal.offered, fingerprint(hostKey.blob))
      assert.deepEqual(refusal.expected, [fingerprint(authorityKey.blob)])
    })
  }

  it('refuses one of a revoked authority', () => {
    const revoked = record(authorityKey, { kind: 'authority', state: 'revoked' })
    assert.equal(refusalOf([revoked], certificate()).code, 'unpinned')
    assert.equal(refusalOf([revoked, record(other)], certificate()).code, 'mismatch')
    const asHostKey = record(authorityKey, { state: 'revoked' })
    assert.equal(refusalOf([trusted, asHostKey], certificate()).code, 'unpinned')
  })

  it('takes a pinned key whatever certificate comes with it', () => {
    const shown = certificate({ validBefore: now }, ed25519())
    assert.equal(check([record(hostKey), trusted], shown).kind, 'pinned')
  })
})

describe('hostKeyAlgorithms', () => {
  const ecdsa = publicKeyFrom(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
  const rsa = publicKeyFrom(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)

  it('are those of the pinned keys, best first', () => {
    const records = [record(rsa), record(ecdsa), record(hostKey)]
    assert.deepEqual(hostKeyAlgorithms(records), [
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ])
  })

  it('are none for what is only a candidate, or revoked', () => {
    const candidate = record(rsa, { state: 'candidate' })
    const revoked = record(hostKey, { state: 'revoked', kind: 'authority' })
    assert.deepEqual(hostKeyAlgorithms([candidate, record(hostKey), revoked]), [])
    assert.deepEqual(hostKeyAlgorithms([]), [])
  })

  it('ask for certificates of every type when an authority is pinned', () => {
    assert.deepEqual(hostKeyAlgorithms([trusted, record(ecdsa)]), [
      'ssh-ed25519-cert-v01@openssh.com',
      'ecdsa-sha2-nistp256-cert-v01@openssh.com',
      'ecdsa-sha2-nistp384-cert-v01@openssh.com',
      'ecdsa-sha2-nistp521-cert-v01@openssh.com',
      'rsa-sha2-512-cert-v01@openssh.com',
      'rsa-sha2-256-cert-v01@openssh.com',
      'ecdsa-sha2-nistp256',
    ])
  })
})
