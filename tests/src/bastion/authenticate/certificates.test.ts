import { strict as assert } from 'node:assert'
import { generateKeyPairSync, sign } from 'node:crypto'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import { auditedDuring, besidesClosed, linesOf } from '../../support/audit.ts'
import { openBed, type Bed } from '../../support/bed.ts'
import { newKey, openMint, type CertificateFields, type Mint } from '../../support/certificates.ts'
import { connectRaw } from '../../support/raw-peer.ts'
import {
  bannerText,
  query,
  SERVICE_USERAUTH,
  signed,
  signedBy,
  strings,
} from '../../support/ssh-messages.ts'

const CERT = 'ssh-ed25519-cert-v01@openssh.com'
/** USERAUTH_FAILURE: publickey can go on, and nothing was a partial success. */
const FAILURE = Buffer.concat([Buffer.of(51), strings('publickey'), Buffer.of(0)])

type Refusal = readonly [
  title: string,
  fields: Partial<CertificateFields>,
  code: string,
  reason: RegExp,
]

const REFUSED: readonly Refusal[] = [
  ['has expired', { validBefore: -1 }, 'expired', /valid before \d+, it is \d+/],
  ['is not valid yet', { validAfter: 30 }, 'not-yet-valid', /valid from \d+, it is \d+/],
  ['is for others', { principals: ['postgres'] }, 'wrong-principal', /valid for postgres, not for/],
  [
    'is for nobody, which OpenSSH reads as anybody',
    { principals: [] },
    'empty-principals',
    /no principals are listed/,
  ],
  [
    'has a wildcard among its principals',
    { principals: ['*'] },
    'malformed-principal',
    /characters that are not accepted/,
  ],
  [
    'is for a host',
    { type: 'host' },
    'wrong-type',
    /a host certificate, expected a user certificate/,
  ],
  [
    'has a critical option that nobody knows',
    { criticalOptions: { 'only-on-mondays@x': '1' } },
    'unknown-critical-option',
    /only-on-mondays@x is not supported/,
  ],
  [
    'forces a command',
    { criticalOptions: { 'force-command': 'date' } },
    'force-command',
    /force-command is not supported/,
  ],
  [
    'is bound to other addresses',
    { criticalOptions: { 'source-address': '10.0.0.0/8' } },
    'source-address',
    /not valid from "?127\.0\.0\.1/,
  ],
  [
    'has a source-address that cannot be read',
    { criticalOptions: { 'source-address': 'here' } },
    'source-address',
    /malformed/,
  ],
  [
    'comes from another authority',
    { authority: newKey() },
    'untrusted-authority',
    /SHA256:.* which is no trusted authority/,
  ],
  ['carries no identity', { withoutIdentity: true }, 'no-identity', /carries no identity/],
  [
    'carries an identity that is not in its exact encoding',
    { withoutIdentity: true, extensions: { 'identity@sallyport': '{"name":"ci/acme/shop"}' } },
    'no-identity',
    /identity/,
  ],
  [
    'carries an identity without a name',
    { identity: { name: '' } },
    'no-identity',
    /name is empty/,
  ],
]

describe('authenticate: certificates', () => {
  let bed: Bed
  let mint: Mint
  let username: string
  const key = newKey()

  before(async () => {
    bed = await openBed()
    mint = await openMint(bed)
    username = `${bed.sshd.login}%web`
  })
  after(async () => {
    await bed?.close()
  })

  /** Sends a signed request; returns the banner, after which a plain failure must follow. */
  const refusal = async (algorithm: string, blob: Buffer, by = key): Promise<string> => {
    const peer = await connectRaw(bed.sshPort)
    peer.send(SERVICE_USERAUTH, signed({ username, algorithm, blob }, peer.sessionId, by))
    assert.equal((await peer.next())[0], 6)
    const text = bannerText(await peer.next())
    assert.deepEqual(await peer.next(), FAILURE)
    peer.close()
    return text
  }

  it('lets a proper one of the same make in', async () => {
    const peer = await connectRaw(bed.sshPort)
    const blob = mint.certificate({
      subject: key,
      criticalOptions: { 'source-address': '127.0.0.0/8' },
    })
    peer.send(SERVICE_USERAUTH, signed({ username, algorithm: CERT, blob }, peer.sessionId, key))
    assert.deepEqual([(await peer.next())[0], (await peer.next())[0]], [6, 52])
    peer.close()
  })

  for (const [title, fields, code, reason] of REFUSED) {
    it(`refuses one that ${title}, and says so`, async () => {
      const blob = mint.certificate({ subject: key, ...fields })
      let banner = ''
      const lines = await auditedDuring(bed, async () => {
        banner = await refusal(CERT, blob)
      })
      assert.match(banner, /^sallyport: .*\r\n$/)
      assert.match(banner, reason)
      const [line] = linesOf(lines, 'authenticate.rejected')
      assert.equal(line?.['code'], code)
      assert.match(String(line?.['reason']), reason)
      assert.equal(line?.['username'], username)
      assert.deepEqual(linesOf(lines, 'authenticate.accepted'), [])
    })
  }

  it('refuses one with any single byte changed', async () => {
    const good = mint.certificate({ subject: key })
    const at = good.indexOf('ci/acme/shop')
    for (const index of [at, at + 3, 60, good.length - 1]) {
      const bad = Buffer.from(good)
      bad[index] = (bad[index] ?? 0) ^ 1
      assert.match(
        await refusal(CERT, bad),
        /does not verify|not by the key of|key|signature|certificate/,
        `byte ${index}`,
      )
    }
    const lines = await auditedDuring(bed, async () => {
      const bad = Buffer.from(good)
      bad[at] = 'X'.charCodeAt(0)
      await refusal(CERT, bad)
    })
    assert.equal(linesOf(lines, 'authenticate.rejected')[0]?.['code'], 'bad-signature')
  })

  it('refuses every prefix of one', async () => {
    const good = mint.certificate({ subject: key })
    for (let length = 0; length < good.length; length += 41) {
      assert.match(await refusal(CERT, good.subarray(0, length)), /^sallyport: /)
    }
  })

  it('refuses a plain key, signed, and tells how to get in', async () => {
    const blob = publicKeyFrom(key).blob
    const lines = await auditedDuring(bed, async () => {
      const banner = await refusal('ssh-ed25519', blob)
      assert.equal(banner, 'sallyport: a plain key was offered; get a certificate first\r\n')
    })
    assert.equal(linesOf(lines, 'authenticate.rejected')[0]?.['code'], 'plain-key')
  })

  it('refuses a plain key that calls itself a certificate', async () => {
    assert.match(await refusal(CERT, publicKeyFrom(key).blob), /^sallyport: /)
  })

  it('refuses RSA with SHA-1, named openly or hidden in the signature', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const blob = mint.certificate({ subject: rsa })
    const sha1 = (data: Buffer): Buffer => strings('ssh-rsa', sign('sha1', data, rsa))
    const codes = ['ssh-rsa', 'rsa-sha2-512'].map(async (name) => {
      const algorithm = `${name}-cert-v01@openssh.com`
      const peer = await connectRaw(bed.sshPort)
      const lines = await auditedDuring(bed, async () => {
        peer.send(SERVICE_USERAUTH, signedBy({ username, algorithm, blob }, peer.sessionId, sha1))
        await peer.next()
        assert.match(bannerText(await peer.next()), /ssh-rsa-cert-v01|not by the key/)
        assert.deepEqual(await peer.next(), FAILURE)
      })
      peer.close()
      return linesOf(lines, 'authenticate.rejected').map((line) => line['code'])
    })
    const found = (await Promise.all(codes)).flat()
    assert.ok(found.includes('algorithm'))
    assert.ok(found.includes('bad-client-signature'))
  })

  it('answers a query for any certificate alike, without a word in banner or audit', async () => {
    const lines = await auditedDuring(bed, async () => {
      const peer = await connectRaw(bed.sshPort)
      peer.send(SERVICE_USERAUTH)
      await peer.next()
      const blobs = [
        mint.certificate({ subject: key }),
        ...REFUSED.map(([, fields]) => mint.certificate({ subject: key, ...fields })),
        Buffer.from('no certificate at all'),
      ]
      for (const blob of blobs.slice(0, 16)) {
        peer.send(query({ username, algorithm: CERT, blob }))
        assert.deepEqual(await peer.next(), Buffer.concat([Buffer.of(60), strings(CERT, blob)]))
      }
      peer.send(query({ username, algorithm: 'ssh-ed25519', blob: publicKeyFrom(key).blob }))
      assert.deepEqual(await peer.next(), FAILURE)
      peer.send(
        query({ username: 'nobody%nowhere', algorithm: CERT, blob: blobs[0] ?? Buffer.of() }),
      )
      assert.equal((await peer.next())[0], 60)
      assert.deepEqual(peer.heard, [])
      peer.close()
    })
    assert.ok(linesOf(lines, 'connection.closed').length > 0)
    assert.deepEqual(besidesClosed(lines), [])
  })

  it('shows the reason to a person with stock ssh', async () => {
    const { status, stderr } = await bed.sh(
      `cp ${bed.folder}/id stale; cp ${bed.folder}/id.pub stale.pub
       ssh-keygen -q -s ${bed.folder}/sshd/host_key -I x -n ${bed.sshd.login} -V +5m stale.pub
       sed "s#${bed.folder}/id#$D/stale#" $C > foreign; ssh -F foreign direct true`,
    )
    assert.equal(status, 255)
    assert.match(stderr, /^sallyport: signed by SHA256:\S+, which is no trusted authority\r?$/m)
  })
})
