import { strict as assert } from 'node:assert'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, parseConfig } from '@sallyport/bastion/config'

const GOOD = `data: data
ssh: { port: 2222, names: [bastion] }
http: { port: 8080, url: 'http://127.0.0.1:8080' }
vault: { keyFile: kek }
policy: policy.yaml
issuers:
  - name: ci
    issuer: https://ci.example
    audience: https://sallyport.example
identities:
  - id: agent
    issuer: ci
    match: { kind: agent }
    name: { claim: sub }
    principals: [deploy]
targets:
  - name: web
    address: 10.0.0.7
    logins: [{ login: deploy, key: web }]
    hostKeys: ['ssh-ed25519 AAAA']
`

describe('parseConfig', () => {
  const problems = (text: string): string => {
    try {
      parseConfig(text, 'sallyport.yaml')
    } catch (error) {
      assert.ok(error instanceof Error && 'code' in error)
      assert.equal(error.code, 'ERR_BASTION_CONFIG')
      assert.match(error.message, /^sallyport\.yaml is not valid:\n {2}/)
      return error.message
    }
    return assert.fail('it was accepted')
  }

  it('fills in safe defaults', () => {
    const config = parseConfig(GOOD, 'sallyport.yaml')
    assert.equal(config.ssh.host, '127.0.0.1')
    assert.equal(config.targets[0]?.port, 22)
    assert.equal(config.identities[0]?.maxLife, 300)
    assert.deepEqual(config.limits, {
      loginGrace: 30,
      unauthenticated: 128,
      unauthenticatedPerAddress: 32,
      authenticationTries: 6,
      authenticationRequests: 20,
      channels: 200,
      jumps: 50,
      upstreamTimeout: 10,
      exchangeRefusals: 3000,
      exchangeRefusalsPerAddress: 300,
      signInRequests: 600,
      signInRequestsPerAddress: 60,
      endWithCertificate: false,
    })
    assert.equal(config.recording.minimumFreeBytes, 64 << 20)
  })

  for (const [title, from, to, expected] of [
    ['an unknown key at the top', 'vault:', 'valt: 1\nvault:', /line \d+: \(top\): .*valt/],
    ['an unknown key deep down', 'port: 2222', 'port: 2222, prot: 1', /line 2: ssh: .*prot/],
    [
      'a misspelt limit',
      'policy: policy.yaml',
      'policy: policy.yaml\nlimits:\n  loginGrase: 1',
      /line [67]: limits: .*loginGrase/,
    ],
    [
      'a limit of zero',
      'policy: policy.yaml',
      'policy: policy.yaml\nlimits: { channels: 0 }',
      /line 6: limits\.channels: /,
    ],
    [
      'a forwarder that is no address',
      'port: 8080,',
      'port: 8080, forwardedBy: [lb],',
      /line 3: http\.forwardedBy\.0: an address/,
    ],
    ['a port that is none', 'port: 2222', 'port: 70000', /line 2: ssh\.port: /],
    [
      'a target whose name could be an option',
      'name: web',
      'name: -oProxy',
      /line 17: targets\.0\.name: lower-case letters/,
    ],
    [
      'a login that is no account',
      'login: deploy,',
      "login: 'deploy;id',",
      /line 19: targets\.0\.logins\.0\.login: a POSIX account name/,
    ],
    [
      'a login with a key and a certificate',
      'key: web }',
      'key: web, certificate: { principals: [prod] } }',
      /line 19: targets\.0\.logins\.0: needs either a key/,
    ],
    [
      'a login with neither',
      ', key: web }',
      ' }',
      /line 19: targets\.0\.logins\.0: needs either a key/,
    ],
    [
      'a certificate for nobody',
      'key: web }',
      'certificate: { principals: [] } }',
      /line 19: targets\.0\.logins\.0\.certificate\.principals: /,
    ],
    [
      'a certificate for anybody',
      'key: web }',
      "certificate: { principals: ['*'] } }",
      /targets\.0\.logins\.0\.certificate\.principals\.0: letters, digits/,
    ],
    [
      'a certificate whose key would be rotated',
      'key: web }',
      'certificate: { principals: [prod] }, rotation: { driver: sftp } }',
      /line 19: targets\.0\.logins\.0: needs either a key/,
    ],
    [
      'an address of ours that is none',
      'port: 2222,',
      "port: 2222, upstreamAddress: ['10.0.0.1/8'],",
      /line 2: ssh\.upstreamAddress\.0: an address or a CIDR block/,
    ],
    [
      'principals that are none',
      'principals: [deploy]',
      'principals: []',
      /line 15: identities\.0\.principals: /,
    ],
    [
      'a wildcard as principal',
      'principals: [deploy]',
      "principals: ['*']",
      /identities\.0\.principals\.0: a POSIX account name/,
    ],
    [
      'a permit that nobody knows',
      'principals: [deploy]',
      'principals: [deploy]\n    permits: [everything]',
      /line 16: identities\.0\.permits\.0: /,
    ],
    [
      'a life beyond an hour',
      'name: { claim: sub }',
      'name: { claim: sub }\n    maxLife: 86400',
      /line 15: identities\.0\.maxLife: /,
    ],
    [
      'an issuer that is not there',
      'issuer: ci\n',
      'issuer: cj\n',
      /identities\.agent: there is no issuer named cj/,
    ],
    ['a key that stands twice', 'data: data', 'data: data\ndata: other', /line 2: .*unique/],
    ['YAML that is none', 'data: data', 'data: [', /line \d+: /],
  ] as const) {
    it(`names the line and the place of ${title}`, () => {
      const text = GOOD.replace(from, to)
      assert.notEqual(text, GOOD)
      assert.match(problems(text), expected)
    })
  }

  it('lists every problem at once', () => {
    const text = GOOD.replace('port: 2222', 'port: x').replace('address: 10.0.0.7', 'address: 7')
    assert.deepEqual(
      problems(text)
        .split('\n  ')
        .slice(1)
        .map((line) => line.split(':').slice(0, 2).join(':')),
      ['line 2: ssh.port', 'line 18: targets.0.address'],
    )
  })

  it('refuses names that stand twice', () => {
    const target = GOOD.slice(GOOD.indexOf('  - name: web'))
    assert.match(problems(`${GOOD}${target}`), /targets: web stands twice/)
    const logins = GOOD.replace('key: web }', 'key: web }, { login: deploy, key: other }')
    assert.match(problems(logins), /targets\.web\.logins: deploy stands twice/)
  })

  it('refuses an empty file, a list and a word', () => {
    for (const text of ['', '- data', 'data']) assert.match(problems(text), /line 1: \(top\): /)
  })
})

describe('loadConfig', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-config-'))
  })
  after(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('takes relative paths from the folder of the file, and leaves absolute ones', async () => {
    const file = join(folder, 'sallyport.yaml')
    await writeFile(file, GOOD.replace('policy: policy.yaml', 'policy: /etc/policy.yaml'))
    const config = await loadConfig(file)
    assert.equal(config.data, join(folder, 'data'))
    assert.deepEqual(config.vault, { kek: { kind: 'file', file: join(folder, 'kek') } })
    assert.equal(config.policy, '/etc/policy.yaml')
  })

  it('takes the key file of an issuer from there too', async () => {
    const file = join(folder, 'keys.yaml')
    await writeFile(file, GOOD.replace('name: ci\n', 'name: ci\n    keys: { file: jwks.json }\n'))
    const { issuers } = await loadConfig(file)
    assert.deepEqual(issuers[0]?.keys, { file: join(folder, 'jwks.json') })
  })

  it('says which file cannot be read', async () => {
    await assert.rejects(loadConfig(join(folder, 'none.yaml')), {
      code: 'ERR_BASTION_CONFIG',
      message: /none\.yaml cannot be read: ENOENT/,
    })
  })
})
