import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { armor, Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import {
  acceptGeneration,
  addKey,
  exportVaultKey,
  generateKek,
  listKeys,
  rewrapVault,
  type Teller,
} from '@sallyport/bastion/cli'
import { SALLYPORT } from '../../support/bed.ts'
import { run } from '../../support/run.ts'

const configText = (vault: string): string => `data: data
ssh: { port: 2222, names: [bastion] }
http: { port: 8080, url: 'http://127.0.0.1:8080' }
${vault}
policy: policy.yaml
issuers: [{ name: ci, issuer: 'https://ci.example', audience: 'https://sallyport.example' }]
identities:
  - { id: agent, issuer: ci, match: { kind: agent }, name: { claim: sub }, principals: [deploy] }
targets: []
`

describe('sallyport key', () => {
  let folder = ''
  const at = (name: string): string => join(folder, name)
  const config = (): string => at('sallyport.yaml')

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-key-'))
    writeFileSync(config(), configText('vault: { keyFile: kek }'))
    await generateKek(at('kek'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  async function said(work: (teller: Teller) => Promise<void>): Promise<string> {
    const lines: string[] = []
    await work({ say: (text) => void lines.push(`${text}\n`), account: 'root' })
    return lines.join('')
  }

  const add = (id: string, kind = {}): Promise<string> =>
    said((teller) => addKey(config(), id, kind, teller))
  const list = (): Promise<string> => said((teller) => listKeys(config(), false, teller))

  const lastEvent = (): Record<string, unknown> => {
    const lines = readFileSync(at('data/audit.ndjson'), 'utf8').trim().split('\n')
    return JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>
  }

  it('adds keys of each type', async () => {
    assert.match(await add('a'), /^ssh-ed25519 /)
    assert.match(await add('b', { type: 'ecdsa', bits: 384 }), /^ecdsa-sha2-nistp384 /)
    assert.match(await add('c', { type: 'rsa' }), /^ssh-rsa /)
    await assert.rejects(add('d', { type: 'rsa', bits: 1024 }), TypeError)
  })

  it('rewraps for the vault entry of another file, and says what is left to do', async () => {
    await add('a')
    await generateKek(at('next'))
    const entry = 'vault: { kek: { kind: file, file: next } }'
    writeFileSync(at('entry.yaml'), `${entry}\n`)
    const text = await said((teller) => rewrapVault(config(), at('entry.yaml'), teller))
    assert.match(
      text,
      /^the vault was sealed with file:\w{16} and is now sealed with file:\w{16}\n/,
    )
    assert.match(text, /before the next start\nvault\.json\.previous and all copies/)
    await assert.rejects(list(), {
      code: 'ERR_KEYS_KEK_WRONG',
      message: /^the vault is sealed with KEK file:\w{16}, the given one is/,
    })
    writeFileSync(config(), configText(entry))
    assert.match(await list(), /^a v1 ssh-ed25519 /)
    const { event, from, to, generation, account } = lastEvent()
    assert.deepEqual([event, generation, account], ['vault.rewrapped', 2, 'root'])
    assert.match(text, new RegExp(`with ${String(from)} and .* with ${String(to)}\n`))
  })

  it('refuses a vault entry that is none, with its line', async () => {
    writeFileSync(at('entry.yaml'), 'vault:\n  kek: { kind: file, path: next }\n')
    await assert.rejects(
      said((teller) => rewrapVault(config(), at('entry.yaml'), teller)),
      { message: /entry\.yaml is not valid:\n {2}line 2: vault\.kek/ },
    )
  })

  it('goes on with an old copy once its generation is accepted', async () => {
    await add('a')
    copyFileSync(at('data/vault.json'), at('copy'))
    await add('b')
    copyFileSync(at('copy'), at('data/vault.json'))
    await assert.rejects(list(), {
      code: 'ERR_KEYS_VAULT_ROLLBACK',
      message: /an old copy; to go on with it, run sallyport key accept-generation 1$/,
    })
    const accept = (number: number): Promise<string> =>
      said((teller) => acceptGeneration(config(), number, teller))
    await assert.rejects(accept(2), {
      message: /is at generation 1, not at 2, which was accepted$/,
    })
    assert.equal(await accept(1), 'generation 1 was accepted and is now generation 3\n')
    assert.match(await list(), /^a v1 \S+ \S+\nsealed with file:\w{16}: a v1\n$/)
    const { event, accepted, generation } = lastEvent()
    assert.deepEqual([event, accepted, generation], ['vault.generation-accepted', 1, 3])
  })

  async function exporting(
    approvedBy: readonly string[],
    to: string,
    out = at('a.age'),
  ): Promise<string> {
    const options = { config: config(), to: [to], approvedBy, out }
    return said((teller) => exportVaultKey('a', options, teller))
  }

  it('exports when two persons approve, audits it, and shows that rotation is due', async () => {
    const line = await add('a')
    const identity = await generateIdentity()
    const to = await identityToRecipient(identity)
    for (const approvers of [['Ada'], ['Ada', 'ADA']]) {
      await assert.rejects(exporting(approvers, to), {
        code: 'ERR_KEYS_VAULT_EXPORT',
        message: /when two persons approve, by two different names$/,
      })
    }
    assert.equal(existsSync(at('a.age')), false)
    assert.equal(existsSync(at('data/audit.ndjson')), false)
    const text = await exporting(['Ada', 'Grace'], to)
    assert.match(text, /a\.age holds a v1 for age1\w+\nrotation due: a v1 was given out on 20/)
    assert.equal(statSync(at('a.age')).mode & 0o777, 0o600)
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    const key = await decrypter.decrypt(armor.decode(readFileSync(at('a.age'), 'utf8')))
    writeFileSync(at('id'), key, { mode: 0o600 })
    const { stdout: printed } = await run('ssh-keygen', ['-y', '-P', '', '-f', at('id')])
    assert.equal(printed, line)
    const { event, key: id, version, approvedBy, recipients } = lastEvent()
    assert.deepEqual([event, id, version], ['vault.exported', 'a', 1])
    assert.deepEqual([approvedBy, recipients], [['Ada', 'Grace'], [to]])
    assert.match(await list(), /\nrotation due: a v1 was given out on 20\S+\n$/)
  })

  it('writes over no file, and marks no key when the file cannot be', async () => {
    await add('a')
    const to = await identityToRecipient(await generateIdentity())
    writeFileSync(at('a.age'), 'mine')
    await assert.rejects(exporting(['Ada', 'Grace'], to), { code: 'EEXIST' })
    assert.equal(readFileSync(at('a.age'), 'utf8'), 'mine')
    await assert.rejects(exporting(['Ada', 'Grace'], to, at('absent/a.age')), { code: 'ENOENT' })
    assert.doesNotMatch(await list(), /rotation due/)
  })

  it('gives nothing out when the audit log cannot be written', async () => {
    await add('a')
    const to = await identityToRecipient(await generateIdentity())
    // Nothing can be written to it, by root neither.
    symlinkSync('/dev/full', at('data/audit.ndjson'))
    await assert.rejects(exporting(['Ada', 'Grace'], to), {
      message: 'vault.exported could not be audited',
    })
    assert.equal(existsSync(at('a.age')), false)
  })

  it('understands its command line, and a type or a number that is none', async () => {
    const out = ['--config', config()]
    const refused = async (message: RegExp, ...args: readonly string[]): Promise<void> => {
      const { status, stderr } = await run(SALLYPORT, ['key', ...args, ...out])
      assert.match(stderr, message)
      assert.equal(status, 2)
    }
    await refused(/a key is of type ed25519, ecdsa or rsa/, 'add', 'a', '--type', 'dsa')
    await refused(/--from stands alone/, 'add', 'a', '--type', 'rsa', '--from', at('x'))
    await refused(/a whole number is expected/, 'accept-generation', 'one')
    const to = await identityToRecipient(await generateIdentity())
    await add('a')
    const approvals = ['--approved-by', 'Ada', '--approved-by', 'Grace']
    const args = ['export', 'a', '--to', to, '--out', at('a.age'), ...approvals, ...out]
    const exported = await run(SALLYPORT, ['key', ...args])
    assert.equal(exported.status, 0, exported.stderr)
    assert.deepEqual(lastEvent()['approvedBy'], ['Ada', 'Grace'])
  })
})
