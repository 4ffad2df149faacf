import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answerVaultCall, createVaultSteering, type VaultSteering } from '@sallyport/bastion/vault'
import { createKekFile, kekFromFile, packParcel, type Vault } from '@sallyport/keys/vault'
import { vaultIn } from '../../keys/authority/vault-in.ts'

describe('calls about the vault', () => {
  let folder: string
  let vault: Vault
  let steering: VaultSteering
  let clock: number
  let lines: { event: string; detail: Readonly<Record<string, unknown>> }[]
  const at = (name: string): string => join(folder, name)

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'steer-'))
    lines = []
    clock = 0
    vault = await vaultIn(folder)
    await vault.generate('web')
    const write = (event: string, detail: Readonly<Record<string, unknown>>): void =>
      void lines.push({ event, detail })
    steering = createVaultSteering({
      vault,
      audit: { write, insist: write },
      kekSource: ({ kek }) => kekFromFile(kek.kind === 'file' ? kek.file : ''),
      now: () => clock,
    })
  })
  afterEach(async () => {
    steering.close()
    await vault.close()
    rmSync(folder, { recursive: true })
  })

  async function call(method: string, path: string, body?: unknown) {
    const answer = await answerVaultCall(steering, 'me', { method, path, body })
    const { error, ...rest } = (answer?.body ?? {}) as Record<string, unknown>
    return { status: answer?.status, error, rest }
  }
  const rewrap = (file: string) =>
    call('POST', '/api/vault/rewrap', { vault: { kek: { kind: 'file', file } } })

  it('tell what is in it, and nothing of it is secret', async () => {
    await vault.authorityKeys.add([{ name: 'user', version: 1 }])
    const { rest } = await call('GET', '/api/vault')
    assert.deepEqual(Object.keys(rest), ['generation', 'kek', 'keys', 'authorities', 'exports'])
    const text = JSON.stringify(rest)
    for (const name of ['body', 'wrappedKey', 'ciphertext'])
      assert.equal(text.includes(name), false)
    const [key] = vault.list()
    assert.equal(key?.kekId, vault.kekId)
  })

  it('rewrap it, and say what it was sealed with before', async () => {
    const from = vault.kekId
    await createKekFile(at('next'))
    const { status, rest } = await rewrap(at('next'))
    assert.deepEqual([status, rest['from'], rest['to']], [200, from, vault.kekId])
    assert.notEqual(vault.kekId, from)
    assert.deepEqual(lines[0]?.detail['to'], vault.kekId)
  })

  it('take a private key in that was sealed for their offer, once and in time', async () => {
    const text = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })
    const offer = async (): Promise<string> =>
      String((await call('POST', '/api/vault/imports')).rest['to'])
    const take = (id: string, to: string, parcel: object) =>
      call('POST', '/api/vault/keys/import', { id, to, parcel })
    const notForUs = 'the private key was not sealed for this import'

    const to = await offer()
    const parcel = packParcel(Buffer.from(text), 'mine', to)
    assert.equal((await take('other', to, parcel)).error, notForUs)
    // The offer is gone with the first try.
    assert.equal((await take('mine', to, parcel)).error, notForUs)
    const again = await offer()
    const good = packParcel(Buffer.from(text), 'mine', again)
    assert.equal((await take('mine', again, good)).status, 201)
    assert.deepEqual(
      vault.list().map(({ id }) => id),
      ['web', 'mine'],
    )
    const late = await offer()
    clock += 60_000
    const { error } = await take('late', late, packParcel(Buffer.from(text), 'late', late))
    assert.equal(error, notForUs)
    const wrong = await offer()
    const noKey = packParcel(Buffer.from('no key'), 'x', wrong)
    assert.match(String((await take('x', wrong, noKey)).error), /^not a private key in OpenSSH or/)
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['vault.key-imported'],
    )
  })

  it('offer to take in few private keys at a time', async () => {
    for (let count = 0; count < 16; count++) await call('POST', '/api/vault/imports')
    assert.equal((await call('POST', '/api/vault/imports')).status, 409)
    clock += 60_000
    assert.equal((await call('POST', '/api/vault/imports')).status, 201)
  })

  it('leave it as it is when the new KEK is not to be had', async () => {
    const { status, error } = await rewrap(at('absent'))
    assert.deepEqual([status, error], [409, `no KEK file at ${at('absent')}`])
    assert.equal(lines[0]?.event, 'vault.rewrap-failed')
  })

  it('say that it is sealed with the new KEK when only what comes after that fails', async () => {
    await createKekFile(at('next'))
    rmSync(at('vault.json.generation'))
    mkdirSync(at('vault.json.generation'))
    const { status, rest } = await rewrap(at('next'))
    assert.equal(status, 200)
    assert.match(String(rest['problem']), /^cannot write .*vault\.json\.generation$/)
    assert.equal(lines[0]?.event, 'vault.rewrapped')
    rmSync(at('vault.json.generation'), { recursive: true })
    writeFileSync(at('vault.json.generation'), '1\n', { mode: 0o600 })
  })

  it('are about what they know, and nothing else', async () => {
    const kek = { kind: 'file', file: at('next') }
    const bodies: readonly (readonly [string, unknown])[] = [
      ['keys', {}],
      ['keys', { id: 'authority:user' }],
      ['keys', { id: '__proto__' }],
      ['keys', { id: 'x', type: 'dsa' }],
      ['keys', { id: 'x', type: 'rsa', bits: 3073 }],
      ['keys', { id: 'x', comment: 'y' }],
      ['keys/import', { id: 'x', to: 'y' }],
      ['rewrap', {}],
      ['rewrap', { vault: { kek, keyFile: 'x' } }],
      ['rewrap', { vault: { kek: { ...kek, secret: 'x' } } }],
      ['exports', { key: 'web', recipients: ['age1'] }],
      ['exports', { key: 'web', recipients: 'age1', approvedBy: 'Ada' }],
      ['exports', { key: 'web', recipients: [], approvedBy: 'Ada', version: 0 }],
      ['exports/000000000000000000000000/approve', {}],
      ['accept-generation', { generation: -1 }],
      ['accept-generation', null],
    ]
    for (const [path, body] of bodies) {
      const { status } = await call('POST', `/api/vault/${path}`, body)
      assert.equal(status, 400, `${path} ${JSON.stringify(body)}`)
    }
    for (const [method, path] of [
      ['POST', '/api/vault'],
      ['GET', '/api/vault/keys'],
      ['GET', '/api/vault/exports/000000000000000000000000/take'],
      ['POST', '/api/vault/exports/../take'],
      ['POST', '/api/vault/exports/000000000000000000000000/constructor'],
    ] as const) {
      assert.equal((await call(method, path)).status, undefined, path)
    }
    const take = await call('POST', '/api/vault/exports/000000000000000000000000/take')
    assert.equal(take.status, 409)
    assert.deepEqual(lines, [])
  })

  it('accept no old copy of a vault that is open', async () => {
    const { status, error } = await call('POST', '/api/vault/accept-generation', { generation: 1 })
    assert.equal(status, 409)
    assert.match(String(error), /at generation 1: there is no old copy to accept; stop it before/)
  })
})
