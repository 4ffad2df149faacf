import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kekFromAwsKms, openVault } from '@sallyport/keys/vault'
import type { AwsKmsKey, KekSource } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { startAwsKms } from './aws-kms-double.ts'
import type { AwsKmsDouble } from './aws-kms-double.ts'

const now = (): number => Date.UTC(2026, 10, 27, 4, 5, 6, 789)
const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const context = Buffer.from('["sallyport-vault/1","key","web-1",1]')
const variables = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY',
}

describe('kekFromAwsKms, with a double of AWS KMS', () => {
  const folder = scratchFolder()
  let kms: AwsKmsDouble

  beforeEach(async () => {
    kms = await startAwsKms(key)
  })
  afterEach(async () => kms.close())

  function source(change: Partial<AwsKmsKey> = {}): KekSource {
    const credentials = { kind: 'environment', variables } as const
    const { endpoint } = kms
    return kekFromAwsKms({ key, endpoint, credentials, timeout: 5000, now, ...change })
  }

  it('seals a vault and opens it again, under the ARN of the key', async () => {
    for (let opening = 0; opening < 2; opening++) {
      const vault = await openVault({ file: join(folder(), 'vault.json'), kek: source(), now })
      if (opening === 0) await vault.generate('web-1')
      const signer = await vault.signer('web-1')
      assert.equal(signer.sign(Buffer.from('x')).length > 0, true)
      signer.close()
      assert.equal(vault.kekId, `aws-kms:${key}`)
      await vault.close()
    }
  })

  it('signs each request for key, region and time, and names what is opened', async () => {
    const kek = await source().open(undefined)
    const sealed = await kek.wrap(Buffer.alloc(32, 7), context)
    assert.deepEqual(await kek.unwrap(sealed, context), Buffer.alloc(32, 7))
    assert.deepEqual(
      kms.asked.map(({ target }) => target),
      ['TrentService.Encrypt', 'TrentService.Decrypt'],
    )
    for (const { authorization, body } of kms.asked) {
      assert.match(authorization, /Credential=AKIDEXAMPLE\/20261127\/eu-west-1\/kms\/aws4_request,/)
      assert.equal(body['KeyId'], key)
      assert.deepEqual(body['EncryptionContext'], { sallyport: context.toString() })
    }
  })

  it('opens nothing for another context, nor what was altered', async () => {
    const kek = await source().open(undefined)
    const sealed = await kek.wrap(Buffer.alloc(32, 7), context)
    assert.equal(await kek.unwrap(sealed, Buffer.from('another')), undefined)
    for (let at = 4; at < sealed.ciphertext.length; at += 9) {
      const ciphertext = Buffer.from(sealed.ciphertext)
      ciphertext[at] = (ciphertext[at] ?? 0) ^ 1
      assert.equal(await kek.unwrap({ ...sealed, ciphertext }, context), undefined, `byte ${at}`)
    }
    kms.keys.set(key, Buffer.alloc(32, 1))
    assert.equal(await kek.unwrap(sealed, context), undefined)
  })

  it('takes credentials from a profile in a private file, a session among them', async () => {
    kms.secrets.set('ASIASESSION', { secret: 'other', session: 'FwoGZXIvYXdz==' })
    const file = join(folder(), 'credentials')
    const text = [
      '# made by hand',
      '[default]',
      'aws_access_key_id = AKIDEXAMPLE',
      'aws_secret_access_key=nonsense',
      '',
      '[ bastion ]',
      'aws_access_key_id = ASIASESSION',
      'aws_secret_access_key = other',
      'aws_session_token = FwoGZXIvYXdz==',
    ]
    await writeFile(file, text.join('\r\n'), { mode: 0o600 })
    const from = (profile: string): Partial<AwsKmsKey> => ({
      credentials: { kind: 'file', file, profile },
    })
    const kek = await source(from('bastion')).open(undefined)
    await kek.wrap(Buffer.alloc(32), context)
    const wrong = await source(from('default')).open(undefined)
    await assert.rejects(wrong.wrap(Buffer.alloc(32), context), {
      code: 'ERR_KEYS_KEK_REFUSED',
      message: `AWS KMS (${key}) did not Encrypt: InvalidSignatureException: The request signature does not match.`,
    })
    const absent = await source(from('absent')).open(undefined)
    await assert.rejects(absent.wrap(Buffer.alloc(32), context), {
      code: 'ERR_KEYS_KEK_FILE',
      message: `${file} holds no credentials for the profile "absent"`,
    })
    await writeFile(file, text.join('\n'))
    await chmod(file, 0o640)
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), { code: 'ERR_KEYS_FILE_MODE' })
  })

  it('takes renewed credentials at the next request', async () => {
    const file = join(folder(), 'credentials')
    const write = (id: string, secret: string): Promise<void> =>
      writeFile(file, `[default]\naws_access_key_id=${id}\naws_secret_access_key=${secret}\n`, {
        mode: 0o600,
      })
    await write('AKIDENDED', 'ended')
    const credentials = { kind: 'file', file, profile: 'default' } as const
    const kek = await source({ credentials }).open(undefined)
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), { code: 'ERR_KEYS_KEK_REFUSED' })
    kms.secrets.set('AKIDRENEWED', { secret: 'renewed' })
    await write('AKIDRENEWED', 'renewed')
    await kek.wrap(Buffer.alloc(32), context)
  })

  it('says when there are no credentials', async () => {
    const credentials = { kind: 'environment', variables: {} } as const
    const kek = await source({ credentials }).open(undefined)
    await assert.rejects(kek.wrap(Buffer.alloc(32), context), {
      code: 'ERR_KEYS_KEK_FILE',
      message: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set',
    })
    assert.equal(kms.asked.length, 0)
  })

  it('tells a refusal from what passes', async () => {
    const kek = await source().open(undefined)
    const wrap = async (): Promise<unknown> => kek.wrap(Buffer.alloc(32), context)
    const denied = { __type: 'AccessDeniedException', Message: 'User is not authorized\n' }
    kms.instead = { status: 400, body: denied }
    await assert.rejects(wrap, {
      code: 'ERR_KEYS_KEK_REFUSED',
      message: `AWS KMS (${key}) did not Encrypt: AccessDeniedException: User is not authorized?`,
    })
    kms.instead = { status: 400, body: { __type: 'com.amazon#DisabledException' } }
    await assert.rejects(wrap, {
      code: 'ERR_KEYS_KEK_REFUSED',
      message: /DisabledException: it gave no reason$/,
    })
    kms.instead = { status: 400, body: { __type: 'ThrottlingException' } }
    await assert.rejects(wrap, { code: 'ERR_KEYS_KEK_UNREACHABLE' })
    kms.instead = { status: 500, body: { __type: 'KMSInternalException' } }
    await assert.rejects(wrap, { code: 'ERR_KEYS_KEK_UNREACHABLE' })
    // Three tries for each of the two that may pass, one for each of the two that are refused.
    assert.equal(kms.asked.length, 8)
    kms.instead = { status: 200, body: {} }
    await assert.rejects(wrap, { code: 'ERR_KEYS_KEK_UNREACHABLE', message: /gave no ciphertext$/ })
    kms.instead = undefined
    kms.keys.clear()
    await assert.rejects(wrap, { code: 'ERR_KEYS_KEK_REFUSED', message: /NotFoundException/ })
    await kms.close()
    await assert.rejects(wrap, {
      code: 'ERR_KEYS_KEK_UNREACHABLE',
      message: /cannot be reached at 127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    })
  })

  it('takes the ARN of a key and nothing else, and no other kind of vault', async () => {
    for (const other of ['', 'alias/x', key.replace('key/', 'alias/'), `${key}\n`]) {
      assert.throws(() => source({ key: other }), TypeError, other)
    }
    assert.throws(() => source({ endpoint: 'http://kms.example' }), TypeError)
    await assert.rejects(source().open({ kind: 'transit' }), {
      code: 'ERR_KEYS_KEK_WRONG',
      message: 'the vault is sealed with a KEK of kind "transit", not with AWS KMS',
    })
  })
})
