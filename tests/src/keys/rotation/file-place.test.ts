import { strict as assert } from 'node:assert'
import { filePlace, PlaceError, type AccountFiles } from '@sallyport/keys/rotation'

const body = (letter: string): string => `AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`
const line = (letter: string): string => `ssh-ed25519 ${body(letter)}`
const ours = line('A')
const next = line('B')
const human = line('C')

interface Account extends AccountFiles {
  readonly texts: Map<string, string>
  /** Does something else to the files right before the next one is replaced. */
  meanwhile: (() => void) | undefined
}

function accountWith(files: Readonly<Record<string, string>>): Account {
  const texts = new Map(Object.entries(files))
  const account: Account = {
    texts,
    meanwhile: undefined,
    read: () =>
      Promise.resolve(
        [...texts].map(([path, text]) => ({ path, bytes: Buffer.from(text), writable: true })),
      ),
    rivals: () => Promise.resolve([]),
    replace: ({ path, bytes: before }, after) => {
      const act = account.meanwhile
      account.meanwhile = undefined
      act?.()
      if (texts.get(path) !== before.toString()) return Promise.resolve('changed')
      texts.set(path, after.toString())
      return Promise.resolve('replaced')
    },
  }
  return account
}

const place = (account: AccountFiles): ReturnType<typeof filePlace> => filePlace(account, () => {})

describe('a place whose keys stand in files', () => {
  it('gets and loses a key, and asked twice does nothing the second time', async () => {
    const account = accountWith({ a: `${human}\n${ours}\n` })
    for (let times = 0; times < 2; times += 1) {
      await place(account).add(next, ours)
      assert.equal(account.texts.get('a'), `${human}\n${ours}\n${next}\n`)
    }
    for (let times = 0; times < 2; times += 1) {
      await place(account).remove(ours, next)
      assert.equal(account.texts.get('a'), `${human}\n${next}\n`)
    }
  })

  it('loses no key when the one that must stay is not there', async () => {
    const account = accountWith({ a: `${human}\n${ours}\n` })
    await assert.rejects(place(account).remove(ours, next), (error: unknown) => {
      assert.ok(error instanceof PlaceError && error.kind === 'unsuitable')
      assert.match(error.message, /^the key that is to stay stands in none of the files .*\(a\)$/)
      return true
    })
    assert.equal(account.texts.get('a'), `${human}\n${ours}\n`)
  })

  it('gets no key where the one beside it is not there', async () => {
    await assert.rejects(place(accountWith({ a: human })).add(next, ours), /stands in none of/)
    await assert.rejects(place(accountWith({})).add(next, ours), /\(there are none\)$/)
  })

  it('changes all files that hold the key, and may empty one of them', async () => {
    const account = accountWith({ a: `${ours}\n`, b: `${human}\n`, c: `restrict ${ours}\n` })
    await place(account).add(next, ours)
    account.texts.set('a', `${ours}\n`)
    await place(account).remove(ours, next)
    assert.deepEqual([...account.texts.values()], ['', `${human}\n`, `restrict ${next}\n`])
  })

  it('reads again what something else has changed meanwhile, and keeps that change', async () => {
    const account = accountWith({ a: `${ours}\n` })
    account.meanwhile = () => account.texts.set('a', `${ours}\n${human}\n`)
    await place(account).add(next, ours)
    assert.equal(account.texts.get('a'), `${ours}\n${next}\n${human}\n`)
  })

  it('gives up on a file that never stays as it is', async () => {
    const account = accountWith({ a: `${ours}\n` })
    const restless = { ...account, replace: () => Promise.resolve('changed' as const) }
    await assert.rejects(place(restless).add(next, ours), /something else keeps changing/)
  })
})
