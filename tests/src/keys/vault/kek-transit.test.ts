import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kekFromTransit, openVault } from '@sallyport/keys/vault'
import type { KekSource, TransitKey } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { startTransit } from './transit-double.ts'
import type { TransitDouble } from './transit-double.ts'

const now = (): number => 0
const context = Buffer.from('["sallyport-vault/1","key","web-1",1]')

describe('kekFromTransit, with a double of the engine', () => {
  const folder = scratchFolder()
  let transit: TransitDouble

  beforeEach(async () => {
    transit = await startTransit()
    await writeFile(join(folder(), 'token'), `${transit.token}\n`, { mode: 0o400 })
  })
  afterEach(async () => transit.close())

  function source(change: Partial<TransitKey> = {}): KekSource {
    return kekFromTransit({
      address: transit.address,
      mount: 'transit',
      key: 'kek',
      tokenFile: join(folder(), 'token'),
      timeout: 5000,
      ...change,
    })
  }

  async function vaultWith(kek: KekSource): Promise<void> {
    const vault = await openVault({ file: join(folder(), 'vault.json'), kek, now })
    try {
      if (vault.list().length === 0) await vault.generate('web-1')
      const signer = await vault.signer('web-1')
      assert.equal(signer.sign(Buffer.from('x')).length > 0, true)
      signer.close()
    } finally {
      await vault.close()
    }
  }

  it('seals a vault and opens it again, under a name that tells the key', async () => {
    await vaultWith(source())
    await vaultWith(source())
    const stored = JSON.parse(await readFile(join(folder(), 'vault.json'), 'utf8'))
    assert.deepEqual(stored.kek, {
      id: 'transit:transit/kek',
      parameters: { kind: 'transit', mount: 'transit', key: 'kek' },
    })
  })

  it('asks as the engine wants to be asked, and shows it no key of the vault', async () => {
    const kek = await source({ namespace: 'team/ssh' }).open(undefined)
    const key = Buffer.alloc(32, 7)
    const sealed = await kek.wrap(key, context)
    const opened = await kek.unwrap(sealed, context)
    assert.deepEqual(opened, key)
    assert.deepEqual(
      transit.asked.map(({ path }) => path),
      ['/v1/transit/encrypt/kek', '/v1/transit/decrypt/kek'],
    )
    const [encrypt] = transit.asked
    assert.equal(encrypt?.headers['x-vault-token'], 'hvs.good')
    assert.equal(encrypt?.headers['x-vault-namespace'], 'team/ssh')
    const body = JSON.parse(encrypt?.body ?? '')
    assert.deepEqual(Object.keys(body), ['associated_data', 'plaintext'])
    assert.equal(body.associated_data, context.toString('base64'))
    assert.equal(Buffer.from(body.plaintext, 'base64').length, 32)
    assert.notEqual(body.plaintext, key.toString('base64'))
  })

  it('opens nothing for another context, by the engine and by us alone', async () => {
    const kek = await source().open(undefined)
    const key = Buffer.alloc(32, 7)
    const sealed = await kek.wrap(key, context)
    const other = Buffer.from('another')
    assert.equal(await kek.unwrap(sealed, other), undefined)
    // An engine that minds no context: what it gives back still opens nothing.
    const { body } = transit.asked[0] ?? { body: '' }
    const { plaintext } = JSON.parse(body)
    transit.instead = (response) => response.end(JSON.stringify({ data: { plaintext } }))
    assert.deepEqual(await kek.unwrap(sealed, context), key)
    assert.equal(await kek.unwrap(sealed, other), undefined)
  })

  it('opens nothing that was altered, cut short, or sealed by another key or another kind', async () => {
    const kek = await source().open(undefined)
    const sealed = await kek.wrap(Buffer.alloc(32, 7), context)
    for (let at = 0; at < sealed.ciphertext.length; at += 9) {
      const ciphertext = Buffer.from(sealed.ciphertext)
      ciphertext[at] = (ciphertext[at] ?? 0) ^ 1
      const unwrapped = await kek.unwrap({ ...sealed, ciphertext }, context)
      assert.equal(unwrapped, undefined, `byte ${at}`)
    }
    for (const length of [0, 3, 4, 20, sealed.ciphertext.length - 1]) {
      const ciphertext = sealed.ciphertext.subarray(0, length)
      assert.equal(await kek.unwrap({ ...sealed, ciphertext }, context), undefined)
    }
    transit.keys.set('kek', [Buffer.alloc(32, 1)])
    assert.equal(await kek.unwrap(sealed, context), undefined)
  })

  it('goes on over a rotation of the key in the engine', async () => {
    await vaultWith(source())
    transit.keys.get('kek')?.push(Buffer.alloc(32, 2))
    await vaultWith(source())
    transit.minimumVersion = 2
    await assert.rejects(vaultWith(source()), {
      code: 'ERR_KEYS_KEK_REFUSED',
      message: `the transit engine at ${transit.address} cannot decrypt with transit/kek: ciphertext or signature version is disallowed by policy (too old)`,
    })
  })

  it('reads the token again for each request, from a file that is private', async () => {
    const kek = await source().open(undefined)
    await writeFile(join(folder(), 'token.new'), 'hvs.renewed', { mode: 0o600 })
    transit.token = 'hvs.renewed'
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), { code: 'ERR_KEYS_KEK_REFUSED' })
    execFileSync('mv', ['-f', join(folder(), 'token.new'), join(folder(), 'token')])
    await kek.wrap(Buffer.alloc(32), context)
    execFileSync('chmod', ['644', join(folder(), 'token')])
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), { code: 'ERR_KEYS_FILE_MODE' })
    for (const [content, message] of [
      ['', /token holds no token of a transit engine$/],
      ['two words', /token holds no token/],
      ['a\r\nx-evil: 1', /token holds no token/],
    ] as const) {
      execFileSync('rm', ['-f', join(folder(), 'token')])
      await writeFile(join(folder(), 'token'), content, { mode: 0o600 })
      await assert.rejects(kek.wrap(Buffer.alloc(32), context), {
        code: 'ERR_KEYS_KEK_FILE',
        message,
      })
    }
    const absent = await source({ tokenFile: join(folder(), 'absent') }).open(undefined)
    await assert.rejects(absent.wrap(Buffer.alloc(32), context), {
      code: 'ERR_KEYS_KEK_FILE',
      message: `no token at ${join(folder(), 'absent')}`,
    })
  })

  it('says what is wrong: refused, sealed, no such key, no such engine, gone', async () => {
    const rejected = async (code: string, message: string): Promise<void> => {
      await assert.rejects(vaultWith(source()), { name: 'KeysError', code, message })
    }
    const name = `the transit engine at ${transit.address}`
    transit.allowed = ['encrypt']
    await rejected(
      'ERR_KEYS_KEK_REFUSED',
      `${name} refuses to decrypt with transit/kek for the token in ${join(folder(), 'token')}: 1 error occurred:??* permission denied??`,
    )
    transit.sealed = true
    await rejected(
      'ERR_KEYS_KEK_UNREACHABLE',
      `${name} is sealed or in maintenance: Vault is sealed`,
    )
    transit.sealed = false
    transit.keys.delete('kek')
    await rejected(
      'ERR_KEYS_KEK_REFUSED',
      `${name} cannot encrypt with transit/kek: encryption key not found`,
    )
    await assert.rejects(vaultWith(source({ mount: 'elsewhere' })), {
      code: 'ERR_KEYS_KEK_REFUSED',
      message: /cannot encrypt with elsewhere\/kek: no handler for route/,
    })
    await transit.close()
    await assert.rejects(vaultWith(source()), {
      code: 'ERR_KEYS_KEK_UNREACHABLE',
      message: /^the transit engine at http:.* cannot be reached: connect ECONNREFUSED/,
    })
  })

  it('asks again when what went wrong may pass, twice at most', async () => {
    const kek = await source().open(undefined)
    const failFor = (times: number, fail: NonNullable<TransitDouble['instead']>): void => {
      let left = times
      transit.asked.length = 0
      transit.instead = (response) => {
        left -= 1
        if (left === 0) transit.instead = undefined
        fail(response)
      }
    }
    for (const status of [412, 429, 500, 502, 503, 504]) {
      failFor(1, (response) => response.writeHead(status).end('{}'))
      await kek.wrap(Buffer.alloc(32), context)
      assert.equal(transit.asked.length, 2, String(status))
    }
    failFor(2, (response) => response.destroy())
    await kek.wrap(Buffer.alloc(32), context)
    assert.equal(transit.asked.length, 3)
    failFor(3, (response) => response.writeHead(502).end('{}'))
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), { code: 'ERR_KEYS_KEK_UNREACHABLE' })
    assert.equal(transit.asked.length, 3)
  })

  it('asks once when the answer is no, or there is none in time', async () => {
    const kek = await source({ timeout: 300 }).open(undefined)
    for (const status of [400, 403, 404, 307]) {
      transit.asked.length = 0
      transit.instead = (response) => response.writeHead(status).end('{}')
      await assert.rejects(kek.wrap(Buffer.alloc(32), context))
      assert.equal(transit.asked.length, 1, String(status))
    }
    transit.asked.length = 0
    transit.instead = () => {}
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), /no answer within 300 ms$/)
    assert.equal(transit.asked.length, 1)
  })

  it('counts all tries for the time that it waits', async () => {
    const kek = await source({ timeout: 200 }).open(undefined)
    transit.instead = (response) => response.writeHead(502).end('{}')
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), /no answer within 200 ms$/)
    assert.ok(transit.asked.length < 3)
  })

  it('takes no redirect, no endless answer, no answer that ends early, and waits so long', async () => {
    const cases: readonly (readonly [NonNullable<TransitDouble['instead']>, RegExp])[] = [
      [
        (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
        /answered with status 307: it gave no reason$/,
      ],
      [
        (response) => response.end(Buffer.alloc(70_000, ' ')),
        /cannot be reached: its answer is longer than 65536 bytes$/,
      ],
      [
        (response) => {
          response.writeHead(200, { 'content-length': '500' }).write('{')
          setImmediate(() => response.destroy())
        },
        /cannot be reached: /,
      ],
      [(response) => response.end('<html>'), /gave no ciphertext: is it a transit engine\?$/],
      [() => {}, /cannot be reached: no answer within 300 ms$/],
    ]
    const kek = await source({ timeout: 300 }).open(undefined)
    for (const [instead, message] of cases) {
      transit.instead = instead
      await assert.rejects(kek.wrap(Buffer.alloc(32), context), {
        code: 'ERR_KEYS_KEK_UNREACHABLE',
        message,
      })
    }
  })

  it('does not take another kind of vault, nor an address in the clear', async () => {
    await assert.rejects(source().open({ kind: 'file' }), {
      code: 'ERR_KEYS_KEK_WRONG',
      message: 'the vault is sealed with a KEK of kind "file", not with a transit engine',
    })
    for (const address of ['http://vault.example:8200', 'ftp://127.0.0.1', 'vault:8200', '']) {
      assert.throws(() => source({ address }), TypeError)
    }
  })

  it('trusts the authorities of its CA file, and no others', async () => {
    const path = (name: string): string => join(folder(), name)
    const subject = ['-subj', '/CN=double', '-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', path('tls.key'), '-out', path('tls.pem')]
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    execFileSync('openssl', ['req', ...kind, ...files, ...subject], { stdio: 'ignore' })
    const cert = await readFile(path('tls.pem'))
    const secure = await startTransit({ key: await readFile(path('tls.key')), cert })
    try {
      const { address } = secure
      await vaultWith(source({ address, caFile: path('tls.pem') }))
      await assert.rejects(vaultWith(source({ address })), {
        code: 'ERR_KEYS_KEK_UNREACHABLE',
        message: /cannot be reached: self-signed certificate/,
      })
    } finally {
      await secure.close()
    }
  })
})
