import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { certifyLogin, createAuthority } from '@sallyport/keys/authority'
import type { Authority, LoginRequest } from '@sallyport/keys/authority'
import { validateCertificate } from '@sallyport/keys/certificate'
import { verifySignature } from '@sallyport/keys/publickey'
import { signerFor } from '../certificate/forge.ts'

const now = 1_767_225_600_500
const seconds = 1_767_225_600n

describe('certifyLogin', () => {
  const signer = signerFor(generateKeyPairSync('ed25519').privateKey)
  const authority = createAuthority({ signer, kind: 'upstream', now: () => now })

  const request: LoginRequest = {
    principals: ['prod-web'],
    session: '0mwtt1h68-7443091e59e3fc08a091',
    agent: 'github/acme/shop',
    permits: { pty: false, portForwarding: false, agentForwarding: false },
    sourceAddresses: [],
  }
  const certify = (changes: Partial<LoginRequest> = {}) =>
    certifyLogin(authority, { ...request, ...changes }, now)

  it('is for the roles alone, and good for a minute from half a minute ago', () => {
    const { certificate } = certify()
    assert.deepEqual(certificate.validPrincipals, ['prod-web'])
    assert.equal(certificate.validAfter, seconds - 30n)
    assert.equal(certificate.validBefore, seconds + 60n)
    assert.equal(certificate.type, 'user')
    assert.equal(certificate.criticalOptions.size, 0)
    assert.equal(certificate.extensions.size, 0)
    const valid = validateCertificate(certificate, {
      authorities: [authority.publicKey],
      type: 'user',
      principal: 'prod-web',
      now: seconds + 59n,
    })
    assert.equal(valid.kind, 'valid')
  })

  it('names the recording and the agent for the log of the target', () => {
    assert.equal(
      certify().certificate.keyId,
      'session=0mwtt1h68-7443091e59e3fc08a091 agent=github/acme/shop',
    )
    assert.equal(
      certify({ agent: 'x (serial 1) CA ED25519 "SHA256"\nAccepted' }).certificate.keyId,
      'session=0mwtt1h68-7443091e59e3fc08a091 agent=x??serial?1??CA?ED25519??SHA256??Accepted',
    )
  })

  it('permits what the session may have, and nothing else', () => {
    const names = ['permit-agent-forwarding', 'permit-port-forwarding', 'permit-pty']
    const all = { pty: true, portForwarding: true, agentForwarding: true }
    assert.deepEqual([...certify({ permits: all }).certificate.extensions.keys()], names)
    for (const [name, extension] of [
      ['agentForwarding', names[0]],
      ['portForwarding', names[1]],
      ['pty', names[2]],
    ] as const) {
      const permits = { ...request.permits, [name]: true }
      assert.deepEqual([...certify({ permits }).certificate.extensions], [[extension, '']])
    }
  })

  it('is bound to the addresses that the bastion comes from', () => {
    const { certificate } = certify({ sourceAddresses: ['10.0.0.7', '2001:db8::/64'] })
    assert.deepEqual(
      [...certificate.criticalOptions],
      [['source-address', '10.0.0.7,2001:db8::/64']],
    )
    assert.throws(() => certify({ sourceAddresses: ['10.0.0.0/33'] }), {
      code: 'ERR_KEYS_CERTIFICATE_SPEC',
    })
  })

  it('is never for nobody, for anybody, or for very many', () => {
    for (const principals of [[], ['*'], [''], ['a,b'], ['a b']]) {
      assert.throws(() => certify({ principals }), { code: 'ERR_KEYS_CERTIFICATE_SPEC' })
    }
    const many = Array.from({ length: 17 }, (_, index) => `role${index}`)
    assert.throws(() => certify({ principals: many }), {
      message: 'certificate not issued: it names 17 principals, at most 16 are allowed',
    })
  })

  it('has a key of its own each time, which signs until it is closed and shows in no log', () => {
    const { signer, certificate } = certify()
    const again = certify()
    assert.notDeepEqual(certificate.subject.blob, again.certificate.subject.blob)
    assert.ok(again.certificate.serial > certificate.serial)
    const data = Buffer.from('session')
    const signatureBlob = signer.sign(data)
    assert.equal(verifySignature({ publicKey: certificate.subject, data, signatureBlob }), true)
    assert.equal(inspect(signer), '<signer>')
    signer.close()
    assert.throws(() => signer.sign(data), { code: 'ERR_KEYS_VAULT_CLOSED' })
  })

  it('has a key id of two printable words, whatever the agent is called', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 })
    fc.assert(
      fc.property(text, text, (session, agent) => {
        const { keyId } = certify({ session, agent }).certificate
        assert.match(keyId, /^session=[A-Za-z0-9._:/@+?-]{1,48} agent=[A-Za-z0-9._:/@+?-]{1,128}$/)
      }),
      { numRuns: 40 },
    )
  })

  it('is not to be had for more: the authority refuses what is not a login', () => {
    const issue = (changes: Partial<Parameters<Authority['issueUserCertificate']>[0]>) =>
      authority.issueUserCertificate({
        subject: certify().certificate.subject,
        keyId: 'x',
        principals: ['prod-web'],
        validBefore: seconds + 60n,
        ...changes,
      })
    for (const [changes, problem] of [
      [{ validBefore: seconds + 61n }, 'it would live 61 s, at most 60 s are allowed'],
      [
        { extensions: new Map([['permit-X11-forwarding', '']]) },
        'it would permit more than a session: permit-X11-forwarding',
      ],
      [
        { extensions: new Map([['groups@example', 'root']]) },
        'it would permit more than a session: groups@example',
      ],
      [
        { criticalOptions: new Map([['force-command', 'id']]) },
        'it has other critical options: force-command',
      ],
    ] as const) {
      assert.throws(() => issue(changes), {
        code: 'ERR_KEYS_AUTHORITY_REFUSED',
        message: `certificate not issued: ${problem}`,
      })
    }
    const host = { subject: certify().certificate.subject, keyId: 'x', hostnames: ['web'] }
    assert.throws(() => authority.issueHostCertificate({ ...host, validBefore: seconds + 60n }), {
      message: 'the upstream authority issues no host certificates',
    })
  })
})
