import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCertificateLine } from '@sallyport/keys/certificate'
import { linesOf } from '../../support/audit.ts'
import { openBed, type Bed } from '../../support/bed.ts'
import { bash } from '../../support/run.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
type Fields = Record<string, string>

describe('issue: POST /oauth2/token', () => {
  let bed: Bed
  let publicKey: string

  before(async () => {
    bed = await openBed()
    publicKey = await readFile(join(bed.folder, 'id.pub'), 'utf8')
  })
  after(async () => {
    await bed?.close()
  })

  const token = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    bed.issuer.token({ sub: 'acme/shop', kind: 'agent', ...claims })
  const post = (body: BodyInit, headers: Fields = {}): Promise<Response> =>
    fetch(`${bed.httpUrl}/oauth2/token`, { method: 'POST', body, headers })
  const form = async (changes: Fields = {}): Promise<URLSearchParams> =>
    new URLSearchParams({
      grant_type: GRANT,
      subject_token: await token(),
      subject_token_type: JWT,
      ssh_public_key: publicKey,
      ...changes,
    })
  const issued = async (changes: Fields = {}): Promise<Readonly<Record<string, unknown>>> => {
    const response = await post(await form(changes))
    const text = await response.text()
    assert.equal(response.status, 200, text)
    return JSON.parse(text) as Record<string, unknown>
  }
  const refused = async (
    body: URLSearchParams,
    error: string,
    description: RegExp,
    status = 400,
  ): Promise<void> => {
    const response = await post(body)
    assert.equal(response.status, status)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const answer = (await response.json()) as { error: string; error_description: string }
    assert.equal(answer.error, error)
    assert.match(answer.error_description, description)
    const line = linesOf(await bed.audit(), 'issue.refused').at(-1)
    assert.equal(line?.['error'], error)
    assert.match(String(line?.['reason']), description)
  }

  it('answers with JSON as RFC 8693 has it', async () => {
    const response = await post(await form())
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const answer = (await response.json()) as Record<string, unknown>
    assert.equal(answer['token_type'], 'N_A')
    assert.equal(answer['issued_token_type'], 'urn:sallyport:params:token-type:openssh-user-cert')
    assert.equal(answer['scope'], `${bed.sshd.login} nobody`)
    assert.deepEqual(answer['principals'], [bed.sshd.login, 'nobody'])
    const certificate = parseCertificateLine(String(answer['access_token']))
    assert.equal(certificate.serial.toString(), answer['serial'])
    assert.equal(certificate.keyId, answer['key_id'])
    const left = Number(certificate.validBefore) - Math.floor(Date.now() / 1000)
    assert.ok(Math.abs(left - Number(answer['expires_in'])) <= 2)
    assert.deepEqual(
      [...certificate.extensions.keys()].filter((name) => name.startsWith('permit-')),
      ['permit-agent-forwarding', 'permit-port-forwarding', 'permit-pty'],
    )
  })

  it('answers with the certificate line alone when text is asked for; ssh-keygen reads it', async () => {
    const response = await post(await form(), { accept: 'text/plain' })
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
    const line = await response.text()
    assert.match(line, /^ssh-ed25519-cert-v01@openssh\.com \S+.*\n$/)
    const { stdout } = await bash('ssh-keygen -L -f -', { input: line })
    assert.match(stdout, /Type: ssh-ed25519-cert-v01@openssh\.com user certificate/)
    assert.match(stdout, /identity@sallyport UNKNOWN OPTION/)
  })

  it('takes no other grant', async () => {
    for (const grant of ['client_credentials', '', `${GRANT} `]) {
      await refused(
        await form({ grant_type: grant }),
        'unsupported_grant_type',
        /grant_type must be/,
      )
    }
  })

  for (const [title, changes, description] of [
    ['no token', { subject_token: '' }, /subject_token is missing/],
    ['a token that is none', { subject_token: 'a.b.c' }, /./],
    [
      'a token of another type',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
      /subject_token_type must be/,
    ],
    ['a wish for another type', { requested_token_type: JWT }, /requested_token_type must be/],
    ['no key', { ssh_public_key: '' }, /ssh_public_key is missing/],
    ['a key that is none', { ssh_public_key: 'ssh-ed25519 AAAA' }, /^ssh_public_key: /],
    ['a key with options', { ssh_public_key: 'command="x" ssh-ed25519 AAAA' }, /^ssh_public_key: /],
    ['a life that is no number', { valid_for: '5m' }, /whole number of seconds/],
    ['a life of nothing', { valid_for: '0' }, /whole number of seconds/],
    ['a negative life', { valid_for: '-5' }, /whole number of seconds/],
    ['a parameter that nobody knows', { life: '1' }, /unknown parameter "life"/],
    ['a proof that is none', { ssh_proof: 'yes' }, /ssh_proof is not a signature/],
  ] as const) {
    it(`refuses ${title}`, async () => {
      await refused(await form({ ...changes }), 'invalid_request', description)
    })
  }

  it('refuses a parameter that stands twice', async () => {
    for (const name of ['subject_token', 'ssh_public_key', 'scope', 'valid_for']) {
      const body = await form({ scope: bed.sshd.login, valid_for: '60' })
      body.append(name, 'again')
      await refused(body, 'invalid_request', new RegExp(`${name} must stand once`))
    }
  })

  it('narrows the principals to the scope, and never widens them', async () => {
    const answer = await issued({ scope: 'nobody' })
    assert.equal(answer['scope'], 'nobody')
    const certificate = parseCertificateLine(String(answer['access_token']))
    assert.deepEqual(certificate.validPrincipals, ['nobody'])
    assert.deepEqual(principalsIn(certificate.extensions.get('identity@sallyport')), ['nobody'])
    await refused(await form({ scope: 'nobody postgres' }), 'invalid_scope', /scope may hold: /)
    await refused(await form({ scope: ' ' }), 'invalid_scope', /scope may hold: /)
  })

  it('narrows to the targets that are named, and refuses unknown ones', async () => {
    for (const resource of ['web', 'WEB']) {
      const answer = await issued({ resource })
      const certificate = parseCertificateLine(String(answer['access_token']))
      assert.equal(certificate.extensions.get('targets@sallyport'), 'web')
    }
    await refused(
      await form({ resource: 'nowhere' }),
      'invalid_target',
      /no target named "nowhere"/,
    )
    await refused(await form({ resource: 'web,other' }), 'invalid_target', /no target named/)
  })

  it('gives the life that is asked for up to the rule, and never beyond the token', async () => {
    assert.ok(Math.abs(Number((await issued({ valid_for: '60' }))['expires_in']) - 60) <= 1)
    const most = Number((await issued({ valid_for: '9999999' }))['expires_in'])
    // The rule allows 1800, the token lives for 1800 too.
    assert.ok(most <= 1800 && most > 1790, String(most))
    const exp = Math.floor(Date.now() / 1000) + 120
    const short = await issued({ subject_token: await token({ exp }), valid_for: '1800' })
    const { validBefore } = parseCertificateLine(String(short['access_token']))
    assert.equal(Number(validBefore), exp)
  })

  it('refuses a certificate in place of a key', async () => {
    const line = await readFile(join(bed.folder, 'id-cert.pub'), 'utf8')
    await refused(await form({ ssh_public_key: line }), 'invalid_request', /^ssh_public_key: /)
  })

  it('refuses a token of nobody: wrong audience, issuer, signature, algorithm, or no rule', async () => {
    const good = await token()
    const [header = '', payload = '', signature = ''] = good.split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const claims = claimsOf(good)
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'acme/victim' })).toString(
      'base64url',
    )
    for (const [bad, reason] of [
      [`${header}.${other}.${signature}`, /signature/],
      [`${none}.${payload}.`, /./],
      [`${none}.${payload}.${signature}`, /./],
      [`${header}.${payload}.`, /./],
      [await token({ iss: 'https://ci.example.evil' }), /issuer/],
      [await token({ iss: 'https://ci.example/' }), /issuer/],
      [await token({ aud: 'https://other.example' }), /is for "https:\/\/other/],
      [await token({ exp: Math.floor(Date.now() / 1000) - 60 }), /expired|exp/],
      [await token({ kind: 'stranger' }), /rule|identity|match/],
    ] as const) {
      await refused(await form({ subject_token: bad }), 'invalid_request', reason)
    }
  })

  it('refuses a token for a second key, and says so in the audit log', async () => {
    const subject = await token()
    await issued({ subject_token: subject })
    await bash(`ssh-keygen -q -t ed25519 -N '' -f ${bed.folder}/second`)
    const second = await readFile(join(bed.folder, 'second.pub'), 'utf8')
    await issued({ subject_token: subject })
    await refused(
      await form({ subject_token: subject, ssh_public_key: second }),
      'invalid_request',
      /another key|already|replay|used/,
    )
    const line = linesOf(await bed.audit(), 'issue.refused').at(-1)
    assert.equal(line?.['code'], 'replayed-with-another-key')
  })

  it('takes a proof by the key, for this exchange and this token only', async () => {
    const subject = await token()
    const { host } = new URL(bed.httpUrl)
    const prove = async (namespace: string, text: string, key = 'id'): Promise<string> =>
      (
        await bash(`ssh-keygen -q -Y sign -f ${bed.folder}/${key} -n ${namespace} -`, {
          input: text,
        })
      ).stdout
    await issued({ subject_token: subject, ssh_proof: await prove(`exchange@${host}`, subject) })
    await bash(`ssh-keygen -q -t ed25519 -N '' -f ${bed.folder}/thief`)
    for (const proof of [
      await prove('file', subject),
      await prove(`exchange@${host}`, `${subject}x`),
      await prove(`exchange@${host}`, subject, 'thief'),
    ]) {
      await refused(
        await form({ subject_token: subject, ssh_proof: proof }),
        'invalid_request',
        /ssh_proof is not a signature of subject_token by ssh_public_key for exchange@/,
      )
    }
  })

  it('refuses bodies that are no form, or too large, without a crash or a word about itself', async () => {
    const large = await form({ ssh_proof: 'x'.repeat(100_000) })
    const many = new URLSearchParams(Array.from({ length: 40 }, (_, at) => [`p${at}`, 'x']))
    for (const [body, type, status] of [
      [large.toString(), 'application/x-www-form-urlencoded', 413],
      [many.toString(), 'application/x-www-form-urlencoded', 413],
      ['{"grant_type":"x"}', 'application/json', 400],
      ['', 'text/plain', 400],
      ['a=%ff%zz', 'application/x-www-form-urlencoded', 400],
      ['x', 'application/x-www-form-urlencoded; charset=utf-7', 415],
    ] as const) {
      const response = await post(body, { 'content-type': type })
      assert.equal(response.status, status, `${type} ${body.slice(0, 20)}`)
      const text = await response.text()
      assert.doesNotMatch(text, /node_modules|\.ts\b|at \S+ \(/, 'an answer shows the inside')
    }
    assert.equal((await fetch(`${bed.httpUrl}/oauth2/token`)).status, 404)
    await issued()
  })

  it('never writes a token, a certificate or a proof to the audit log or the log', async () => {
    const subject = await token()
    const answer = await issued({ subject_token: subject })
    await refused(await form({ subject_token: `${subject}x` }), 'invalid_request', /./)
    const audit = await readFile(join(bed.data, 'audit.ndjson'), 'utf8')
    const log = await readFile(join(bed.folder, 'bastion.log'), 'utf8')
    const line = linesOf(await bed.audit(), 'issue.issued').at(-1)
    assert.equal(line?.['identity'], 'ci/acme/shop')
    assert.match(String(line?.['tokenHash']), /^\S{20,}$/)
    for (const secret of [
      ...subject.split('.').slice(1),
      String(answer['access_token']).slice(60, 200),
    ]) {
      assert.ok(!audit.includes(secret) && !log.includes(secret))
    }
  })
})

function claimsOf(idToken: string): Record<string, unknown> {
  const [, payload = ''] = idToken.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

function principalsIn(identity = '{}'): unknown {
  return (JSON.parse(identity) as { principals?: unknown }).principals
}
