import { strict as assert } from 'node:assert'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadVaultEntry, parseConfig } from '@sallyport/bastion/config'
import { kekSourceOf } from '@sallyport/bastion/compose'

const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'

describe('the vault entry of a configuration', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-vault-entry-'))
  })
  after(async () => rm(folder, { recursive: true }))

  async function entry(text: string): Promise<unknown> {
    const file = join(folder, 'entry.yaml')
    await writeFile(file, text)
    return loadVaultEntry(file)
  }

  it('takes a key file as short for a KEK of kind file', async () => {
    const kek = { kind: 'file', file: join(folder, 'k') }
    assert.deepEqual(await entry('vault: { keyFile: k }'), { kek })
    assert.deepEqual(await entry('vault: { kek: { kind: file, file: k } }'), { kek })
  })

  it('takes each kind, with its defaults and its files from the folder of the file', async () => {
    assert.deepEqual(await entry('vault: { kek: { kind: systemd, name: sallyport-kek } }'), {
      kek: { kind: 'systemd', name: 'sallyport-kek' },
    })
    assert.deepEqual(await entry('vault: { kek: { kind: passphrase, file: /p } }'), {
      kek: { kind: 'passphrase', file: '/p' },
    })
    const transit =
      'kind: transit, address: https://vault.example:8200, key: k, tokenFile: t, caFile: ca'
    assert.deepEqual(await entry(`vault: { kek: { ${transit} } }`), {
      kek: {
        kind: 'transit',
        address: 'https://vault.example:8200',
        mount: 'transit',
        key: 'k',
        tokenFile: join(folder, 't'),
        caFile: join(folder, 'ca'),
        timeout: 5,
      },
    })
    assert.deepEqual(
      await entry(`vault: { kek: { kind: aws-kms, key: '${arn}', credentialsFile: c } }`),
      {
        kek: {
          kind: 'aws-kms',
          key: arn,
          credentialsFile: join(folder, 'c'),
          caFile: undefined,
          profile: 'default',
          timeout: 5,
        },
      },
    )
  })

  const refused: readonly (readonly [string, RegExp])[] = [
    ['vault: {}', /line 1: vault: give exactly one of "keyFile" and "kek"/],
    [
      'vault: { keyFile: k, kek: { kind: file, file: k } }',
      /line 1: vault: give exactly one of "keyFile" and "kek"/,
    ],
    ['vault: { kek: { kind: paper } }', /vault\.kek\.kind: /],
    ['vault: { kek: { kind: file, keyFile: k } }', /vault\.kek/],
    ['vault: { kek: { kind: systemd, name: ../k } }', /vault\.kek\.name: /],
    [
      'vault: { kek: { kind: transit, address: "http://vault.example", key: k, tokenFile: t } }',
      /vault\.kek\.address: an https address; http is for loopback alone/,
    ],
    [
      'vault: { kek: { kind: transit, address: "https://v", mount: a/../b, key: k, tokenFile: t } }',
      /vault\.kek\.mount: a path of names/,
    ],
    [
      'vault: { kek: { kind: transit, address: "https://v", key: k/x, tokenFile: t } }',
      /vault\.kek\.key: /,
    ],
    [
      `vault: { kek: { kind: aws-kms, key: '${arn.replace('key/', 'alias/')}' } }`,
      /vault\.kek\.key: the ARN of a key, not of an alias/,
    ],
    ['vault: { keyFile: k }\ndata: x', /\(top\): Unrecognized key/],
  ]
  for (const [text, message] of refused) {
    it(`refuses ${text.replace('\n', ' and ')}`, async () => {
      await assert.rejects(entry(text), { code: 'ERR_BASTION_CONFIG', message })
    })
  }

  it('is checked in a whole configuration as well', () => {
    assert.throws(() => parseConfig('vault: {}', 'sallyport.yaml'), {
      message: /line 1: vault: give exactly one of "keyFile" and "kek"/,
    })
  })

  it('is where the KEK comes from, with what it needs of its surroundings', async () => {
    const file = join(folder, 'kek')
    await writeFile(file, Buffer.alloc(32, 7), { mode: 0o400 })
    const { id } = await kekSourceOf({ kek: { kind: 'file', file } }).open(undefined)
    const systemd = kekSourceOf(
      { kek: { kind: 'systemd', name: 'kek' } },
      { environment: { CREDENTIALS_DIRECTORY: folder } },
    )
    assert.equal((await systemd.open(undefined)).id, id)
    const kms = { kind: 'aws-kms', key: arn, profile: 'default', timeout: 5 } as const
    assert.equal((await kekSourceOf({ kek: kms }).open(undefined)).id, `aws-kms:${arn}`)
    const address = 'https://vault.example'
    const transit = { kind: 'transit', mount: 'm', key: 'k', tokenFile: 't', timeout: 5 } as const
    const source = kekSourceOf({ kek: { ...transit, address } })
    assert.equal((await source.open(undefined)).id, 'transit:m/k')
    const passphrase = join(folder, 'passphrase')
    await writeFile(passphrase, 'correct horse\nnot this\n', { mode: 0o400 })
    const first = await kekSourceOf({ kek: { kind: 'passphrase', file: passphrase } }).open(
      undefined,
    )
    const bare = join(folder, 'bare')
    await writeFile(bare, 'correct horse', { mode: 0o400 })
    const again = kekSourceOf({ kek: { kind: 'passphrase', file: bare } })
    assert.equal((await again.open(first.parameters)).id, first.id)
  })
})
