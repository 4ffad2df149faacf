import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { authorityKinds, openAuthorities } from '@sallyport/keys/authority'
import type { Authorities, PlainKeyOutcome } from '@sallyport/keys/authority'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { plainFolder, plainText, writePlain } from './plain-folder.ts'
import { vaultIn } from './vault-in.ts'

describe('plain key files of authorities', () => {
  const folder = scratchFolder()
  const at = (name: string): string => join(folder(), name)
  const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey

  async function within(
    use: (all: Authorities, outcomes: readonly PlainKeyOutcome[]) => Promise<void> | void,
  ): Promise<void> {
    const vault = await vaultIn(folder())
    try {
      const outcomes: PlainKeyOutcome[] = []
      const all = await openAuthorities({
        folder: folder(),
        keys: vault.authorityKeys,
        now: () => 0,
        onPlainKey: (outcome) => outcomes.push(outcome),
      })
      try {
        await use(all, outcomes)
      } finally {
        await all.close()
      }
    } finally {
      await vault.close()
    }
  }
  const refuses = (message: string | RegExp, code = 'ERR_KEYS_AUTHORITY_FILE') =>
    assert.rejects(
      within(() => {}),
      { name: 'KeysError', code, message },
    )
  const plainNames = (): readonly string[] =>
    readdirSync(folder()).filter((name) => name.includes('-ca'))

  it('are taken into the vault, all of them, and removed then', async () => {
    const keys = plainFolder(folder())
    await within((all, outcomes) => {
      for (const kind of authorityKinds) {
        const published = all[kind].keys().filter(({ state }) => state !== 'retired')
        assert.deepEqual(
          published.map(({ publicKeyLine }) => publicKeyLine),
          keys.filter((key) => key.kind === kind).map(({ publicKeyLine }) => publicKeyLine),
        )
      }
      assert.deepEqual(
        outcomes.map(({ kind, authority, version, file }) => [kind, authority, version, file]),
        [
          ['removed', 'host', 1, at('host-ca.key')],
          ['removed', 'upstream', 2, at('upstream-ca.2.key')],
          ['removed', 'upstream', 3, at('upstream-ca.3.key')],
          ['removed', 'user', 2, at('user-ca.2.key')],
          ['removed', 'user', 1, at('user-ca.key')],
        ],
      )
    })
    assert.deepEqual(plainNames(), [])
    await within((_, outcomes) => assert.deepEqual(outcomes, []))
  })

  it('are taken over from before there was a list of keys, and what is missing is made', async () => {
    const key = newKey()
    writePlain(folder(), 'user-ca.key', 'user', key)
    await within((all) => {
      assert.deepEqual(all.user.publicKey.blob, publicKeyFrom(key).blob)
      assert.equal(all.host.keys().length, 1)
    })
    assert.deepEqual(plainNames(), [])
  })

  it('may hold a key that an admin made elsewhere', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
    writeFileSync(at('user-ca.key'), pem, { mode: 0o600 })
    await within(({ user }) =>
      assert.deepEqual(user.publicKey.blob, publicKeyFrom(privateKey).blob),
    )
  })

  it('go too when nothing needs them: of a retired key, in no list, left half made', async () => {
    await within(async ({ user }) => {
      await user.addNext()
      await user.promote([])
      await user.retire(0)
    })
    const unused = ['.host-ca.key.0123456789abcdef', 'host-ca.9.key', 'user-ca.key']
    for (const name of unused) writePlain(folder(), name, 'user', newKey())
    await within((all, outcomes) => {
      assert.deepEqual(
        outcomes.map(({ file }) => file),
        [at('host-ca.9.key'), at('user-ca.key'), at('.host-ca.key.0123456789abcdef')].toSorted(
          (a, b) => a.localeCompare(b),
        ),
      )
      assert.equal(all.host.keys().length, 1)
    })
    assert.deepEqual(plainNames(), [])
  })

  it('are never taken for a key of ours once the vault has one', async () => {
    await within(() => {})
    writePlain(folder(), 'user-ca.key', 'user', newKey())
    await refuses(
      `authority file ${at('user-ca.key')} holds another key than the vault; move it away`,
    )
    rmSync(at('user-ca.key'))
    // A list that names a planted key does not help whoever planted it.
    const list = readFileSync(at('authorities.json'), 'utf8')
    const planted = newKey()
    writePlain(folder(), 'user-ca.2.key', 'user', planted)
    const document = JSON.parse(list)
    const [first] = document.authorities.user
    const publicKeyLine = `ssh-ed25519 ${publicKeyFrom(planted).blob.toString('base64')}`
    document.authorities.user = [
      { ...first, state: 'retiring' },
      { ...first, version: 2, publicKeyLine },
    ]
    writeFileSync(at('authorities.json'), JSON.stringify(document))
    await refuses(/version 2 of the user authority is in authorities\.json, but not in the vault$/)
    writeFileSync(at('authorities.json'), list)
    await within(({ user }) => assert.equal(user.keys().length, 1))
  })

  it('are refused when one of the list is missing or another, and nothing is changed then', async () => {
    plainFolder(folder())
    const file = at('upstream-ca.3.key')
    const kept = readFileSync(file)
    rmSync(file)
    await refuses(
      /version 3 of the upstream authority is in authorities\.json, but not in the vault$/,
    )
    writePlain(folder(), 'upstream-ca.3.key', 'upstream', newKey())
    await refuses(`authority file ${file} holds another key than authorities.json says`)
    writeFileSync(file, readFileSync(at('user-ca.key')))
    await refuses(
      `authority file ${file} holds the user authority, expected the upstream authority`,
    )
    writeFileSync(file, kept)
    assert.equal(existsSync(at('vault.json')), false)
    await within(() => {})
  })

  it('are refused when there are several and no list', async () => {
    plainFolder(folder())
    rmSync(at('authorities.json'))
    await refuses(/authorities\.json is missing, but upstream-ca\.2\.key is there; restore it/)
    assert.equal(plainNames().length, 5)
  })

  it('are refused when they hold no key, part of one or an encrypted one', async () => {
    const whole = plainText('user', newKey())
    const why = `authority file ${at('user-ca.key')} holds no unencrypted private key`
    const write = (content: string | Buffer): void =>
      writeFileSync(at('user-ca.key'), content, { mode: 0o600 })
    for (let length = 0; length < whole.length - 1; length += 7) {
      write(whole.subarray(0, length))
      await refuses(why)
    }
    const encryption = { cipher: 'aes-256-cbc', passphrase: 'x' }
    write(newKey().export({ format: 'pem', type: 'pkcs8', ...encryption }))
    await refuses(why)
  })

  it('are refused when others may read them, or they are not ours', async () => {
    const file = at('user-ca.key')
    writePlain(folder(), 'user-ca.key', 'user', newKey())
    for (const mode of [0o640, 0o604, 0o620, 0o777]) {
      chmodSync(file, mode)
      await refuses(
        `${file} is open to others (mode ${mode.toString(8)}): run chmod 600 on it`,
        'ERR_KEYS_FILE_MODE',
      )
    }
    chmodSync(file, 0o600)
    // Only root can give a file away.
    if (process.geteuid?.() === 0) {
      chownSync(file, 65_534, 65_534)
      await refuses(`${file} belongs to another account`, 'ERR_KEYS_FILE_MODE')
    }
  })

  it('may be links to such files, as mounted secrets are; the link goes and it is said what remains', async () => {
    const key = newKey()
    mkdirSync(at('mounted'))
    writePlain(at('mounted'), 'secret', 'user', key)
    symlinkSync(at('mounted/secret'), at('user-ca.key'))
    await within(({ user }, outcomes) => {
      assert.deepEqual(user.publicKey.blob, publicKeyFrom(key).blob)
      assert.equal(outcomes[0]?.remains, at('mounted/secret'))
    })
    assert.deepEqual(plainNames(), [])
    assert.deepEqual(createPrivateKey(readFileSync(at('mounted/secret'))).equals(key), true)
  })

  it('are left, and that is said at each start, when they cannot be removed', async () => {
    // A folder cannot be unlinked, as little as a mount.
    writePlain(folder(), 'user-ca.key', 'user', newKey())
    await within(() => {})
    mkdirSync(at('user-ca.7.key'))
    for (let start = 0; start < 2; start++) {
      await within((_, outcomes) => {
        const [left] = outcomes
        assert.deepEqual([left?.kind, left?.file], ['left', at('user-ca.7.key')])
        assert.match(left?.why ?? '', /^E(ISDIR|PERM)$/)
      })
    }
  })
})
