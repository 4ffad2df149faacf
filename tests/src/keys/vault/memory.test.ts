import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { authorityKinds } from '@sallyport/keys/authority'
import { createKekFile } from '@sallyport/keys/vault'
import { writePlain } from '../authority/plain-folder.ts'
import { startChild } from '../durable/child.ts'
import type { Child } from '../durable/child.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { memoryOf } from './process-memory.ts'

const kinds = {
  ed25519: ['-algorithm', 'ed25519'],
  ecdsa: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072'],
} as const
const ids = Object.keys(kinds)

/** Something to look for, and what it is in words. */
interface Form {
  readonly name: string
  readonly bytes: Buffer
}

function openssl(kind: keyof typeof kinds): Buffer {
  return execFileSync('openssl', ['genpkey', ...kinds[kind]], { stdio: 'pipe' })
}

describe('the memory of a process with a vault', () => {
  const folder = scratchFolder()
  let child: Child
  let data = ''
  let secrets: ReadonlyMap<string, Buffer>
  let userKey: KeyObject
  let rsa: Buffer

  before(() => {
    // Once, since it takes long.
    rsa = openssl('rsa')
  })
  beforeEach(async () => {
    data = join(folder(), 'data')
    await mkdir(data)
    await createKekFile(join(data, 'kek'))
    const found = await Promise.all(ids.map(async (id) => secretsOf(id)))
    const ofAuthorities = authorityKinds.map((kind) => {
      const { privateKey } = generateKeyPairSync('ed25519')
      writePlain(data, `${kind}-ca.key`, kind, privateKey)
      if (kind === 'user') userKey = privateKey
      return formsOf(`${kind} authority`, privateKey)
    })
    secrets = new Map([...found, ...ofAuthorities].flat())
    const recipient = await identityToRecipient(await generateIdentity())
    child = startChild(new URL('./memory-child.ts', import.meta.url), data, recipient, ...ids)
    assert.equal(await child.next(), 'ready')
    await step('import')
    for (const id of ids) await rm(join(data, id))
  })
  afterEach(async () => child.kill())

  async function secretsOf(id: string): Promise<[string, Buffer][]> {
    const pem = id === 'rsa' ? rsa : openssl(id as keyof typeof kinds)
    await writeFile(join(data, id), pem)
    return formsOf(id, createPrivateKey(pem))
  }

  function formsOf(id: string, key: KeyObject): [string, Buffer][] {
    const { d = '', p = '' } = key.export({ format: 'jwk' })
    const found: [string, Buffer][] = [
      [`${id} number`, Buffer.from(d, 'base64url')],
      [`${id} PKCS #8`, key.export({ format: 'der', type: 'pkcs8' })],
    ]
    if (p !== '') found.push([`${id} prime`, Buffer.from(p, 'base64url')])
    return found
  }

  async function step(name: string): Promise<void> {
    child.process.send(name)
    assert.equal(await child.next(), name)
  }

  /** Each secret as it is and as text; OpenSSL keeps its numbers the other way round. */
  function forms(): readonly Form[] {
    return [...secrets].flatMap(([name, secret]) => [
      { name: `${name}, raw`, bytes: secret },
      { name: `${name}, reversed`, bytes: Buffer.from(secret.toReversed()) },
      { name: `${name}, hex`, bytes: Buffer.from(secret.toString('hex')) },
      ...[0, 1, 2].map((offset) => ({ name: `${name}, base64`, bytes: base64At(secret, offset) })),
    ])
  }

  function foundInMemory(): readonly string[] {
    const { pid } = child.process
    assert.ok(pid)
    const found = new Set<string>()
    const looked = forms()
    for (const bytes of memoryOf(pid)) {
      for (const form of looked) if (bytes.includes(form.bytes)) found.add(form.name)
    }
    return [...found].toSorted((a, b) => a.localeCompare(b))
  }

  /** What was found in the files of the folder, as "FORM in FILE"; the KEK's own file is not looked at. */
  async function foundInFiles(): Promise<readonly string[]> {
    const found: string[] = []
    for (const file of await readdir(data)) {
      if (file === 'kek') continue
      const bytes = await readFile(join(data, file))
      for (const form of forms()) {
        if (bytes.includes(form.bytes)) found.push(`${form.name} in ${file}`)
      }
    }
    return found.toSorted((a, b) => a.localeCompare(b))
  }

  it('shows no private key in a heap snapshot, nor in the files beside it', async () => {
    const steps = ['sign', 'authorities', 'certify', 'rewrap', 'export', 'sign', 'certify']
    for (const name of [...steps, 'next', 'snapshot']) await step(name)
    const files = await readdir(data)
    assert.deepEqual(files.toSorted(), [
      'authorities.json',
      'authorities.json.lock',
      'authorities.json.previous',
      'heap.heapsnapshot',
      'kek',
      'vault.json',
      'vault.json.generation',
      'vault.json.lock',
      'vault.json.previous',
    ])
    assert.deepEqual(await foundInFiles(), [])
    const snapshot = await readFile(join(data, 'heap.heapsnapshot'))
    assert.equal(snapshot.includes('what a heap snapshot shows: strings'), true)
  })

  it('is searched in a way that finds a key that lies in plain', async () => {
    assert.deepEqual(
      (await foundInFiles()).filter((found) => found.endsWith('PKCS #8, base64 in user-ca.key')),
      ['user authority PKCS #8, base64 in user-ca.key'],
    )
    await step('authorities')
    assert.deepEqual(await foundInFiles(), [])
    // As it was kept before it was sealed.
    writePlain(data, 'user-ca.key', 'user', userKey)
    assert.deepEqual(await foundInFiles(), [
      'user authority number, base64 in user-ca.key',
      'user authority PKCS #8, base64 in user-ca.key',
    ])
  })

  it('holds a private key in the numbers of OpenSSL while a signer is open, and nowhere once it is closed', async () => {
    await step('sign')
    assert.deepEqual(foundInMemory(), [
      'ecdsa number, reversed',
      'ed25519 number, raw',
      'rsa number, reversed',
      'rsa prime, reversed',
    ])
    await step('close')
    assert.deepEqual(foundInMemory(), [])
  })

  it('holds the keys of authorities so while these are open, and no longer', async () => {
    for (const name of ['collect', 'authorities', 'certify']) await step(name)
    assert.deepEqual(foundInMemory(), [
      'host authority number, raw',
      'upstream authority number, raw',
      'user authority number, raw',
    ])
    await step('close')
    assert.deepEqual(foundInMemory(), [])
  })

  it('lets go of the key of an authority that is retired', async () => {
    for (const name of ['authorities', 'certify', 'next', 'collect']) await step(name)
    assert.deepEqual(foundInMemory(), [
      'host authority number, raw',
      'upstream authority number, raw',
    ])
  })

  it('keeps nothing of a rewrap and of an export', async () => {
    for (const name of ['rewrap', 'export', 'close']) await step(name)
    assert.deepEqual(foundInMemory(), [])
  })
})

/** What base64 of anything shows that has the secret in it, `offset` bytes after a group of three. */
function base64At(secret: Buffer, offset: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(offset), secret]).toString('base64')
  return Buffer.from(text.slice(offset === 0 ? 0 : 4, 40))
}
