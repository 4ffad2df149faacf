import { strict as assert } from 'node:assert'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { openRevocations, type Revocable, type Revocations } from '@sallyport/bastion/revoke'

const WHO: Revocable = {
  serial: 7n,
  key: `SHA256:${'k'.repeat(43)}`,
  identity: 'ci/a',
  issuer: 'ci',
  subject: 'a',
}
const TERMS = { reason: 'leaked', by: 'a test' }

describe('revoke: the list', () => {
  let folder: string
  let file: string
  let now: number
  let list: Revocations

  const open = async (): Promise<Revocations> => openRevocations({ file, now: () => now })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-revoke-'))
    file = join(folder, 'revocations.json')
    now = Date.parse('2026-01-01T00:00:00Z')
    list = await open()
  })
  afterEach(async () => {
    await list.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('hits exactly what was named', async () => {
    const parts = fc.record({
      serial: fc.bigInt({ min: 0n, max: 3n }),
      key: fc.constantFrom('SHA256:a', 'SHA256:b'),
      identity: fc.constantFrom('a', 'b', 'a","b', '["a"]'),
      issuer: fc.constantFrom('a', 'b', 'a","b'),
      subject: fc.constantFrom('a', 'b', 'b"]'),
    })
    const kinds = fc.constantFrom('serial', 'key', 'identity', 'subject')
    await fc.assert(
      fc.asyncProperty(parts, parts, kinds, async (named, who, kind) => {
        const { serial, key, identity, issuer, subject } = named
        const what =
          kind === 'serial'
            ? { kind, serial: serial.toString() }
            : kind === 'key'
              ? { kind, key }
              : kind === 'identity'
                ? { kind, identity }
                : { kind: 'subject' as const, issuer, subject }
        const { revocation } = list.add(what, TERMS)
        const meant =
          (kind === 'serial' && who.serial === serial) ||
          (kind === 'key' && who.key === key) ||
          (kind === 'identity' && who.identity === identity) ||
          (kind === 'subject' && who.issuer === issuer && who.subject === subject)
        assert.equal(list.find(who), meant ? revocation : undefined)
        await list.lift(revocation.id)
      }),
      { numRuns: 60 },
    )
  })

  it('is in force before it is written, and is written when it says so', async () => {
    const { revocation, written } = list.add({ kind: 'serial', serial: '7' }, TERMS)
    assert.equal(list.find(WHO), revocation)
    await written
    assert.match(await readFile(file, 'utf8'), /"serial": "7"/)
    assert.equal(((await stat(file)).mode & 0o777).toString(8), '600')
  })

  it('is read again as it was', async () => {
    await list.add({ kind: 'identity', identity: 'ci/a' }, TERMS).written
    await list.add({ kind: 'subject', issuer: 'ci', subject: 'b' }, TERMS).written
    const before = list.list()
    await list.close()
    list = await open()
    assert.deepEqual(list.list(), before)
    assert.equal(list.find(WHO)?.what.kind, 'identity')
  })

  it('keeps a second revocation of the same thing when the first is lifted', async () => {
    const what = { kind: 'identity', identity: 'ci/a' } as const
    const first = list.add(what, TERMS).revocation
    const second = list.add(what, { ...TERMS, reason: 'and fired' }).revocation
    assert.equal((await list.lift(first.id))?.id, first.id)
    assert.equal(list.find(WHO)?.id, second.id)
    await list.lift(second.id)
    assert.equal(list.find(WHO), undefined)
    assert.equal(await list.lift(second.id), undefined)
  })

  it('forgets what has run out, and nothing before', async () => {
    const expiresAt = new Date(now + 1000)
    await list.add({ kind: 'serial', serial: '7' }, { ...TERMS, expiresAt }).written
    now += 999
    assert.ok(list.find(WHO))
    now += 1
    assert.equal(list.find(WHO), undefined)
    assert.deepEqual(list.list(), [])
    await list.add({ kind: 'serial', serial: '8' }, TERMS).written
    assert.doesNotMatch(await readFile(file, 'utf8'), /"serial": "7"/)
  })

  it('stays in force when it could not be lifted on the disk', async () => {
    const { revocation, written } = list.add({ kind: 'serial', serial: '7' }, TERMS)
    await written
    await rm(folder, { recursive: true })
    await assert.rejects(list.lift(revocation.id))
    assert.equal(list.find(WHO), revocation)
  })

  it('stays in force when it could not be written, and says that it was not', async () => {
    await rm(folder, { recursive: true })
    const { revocation, written } = list.add({ kind: 'serial', serial: '7' }, TERMS)
    await assert.rejects(written)
    assert.equal(list.find(WHO), revocation)
  })

  it('keeps a second writer out', async () => {
    await assert.rejects(open(), { code: 'ERR_KEYS_FILE_LOCKED' })
  })

  const broken: readonly (readonly [title: string, text: string])[] = [
    ['is empty', ''],
    ['is cut short', '{"format":"sallyport-revocations/1","revocations":['],
    ['is null', 'null'],
    ['has another format', '{"format":"sallyport-revocations/2","revocations":[]}'],
    ['has no list', '{"format":"sallyport-revocations/1"}'],
    [
      'has an entry of a kind that is not known',
      `{"format":"sallyport-revocations/1","revocations":[{"id":"a1","what":{"kind":"group","group":"x"},"reason":"r","by":"b","at":"2026-01-01T00:00:00.000Z"}]}`,
    ],
    [
      'has a key that is not known',
      `{"format":"sallyport-revocations/1","revocations":[],"lifted":true}`,
    ],
  ]
  for (const [title, text] of broken) {
    it(`is not opened when the file ${title}`, async () => {
      await list.close()
      await writeFile(file, text, { mode: 0o600 })
      await assert.rejects(open(), { code: 'ERR_KEYS_FILE_CORRUPT' })
      await rm(file)
      list = await open()
    })
  }

  it('is not opened when others can write the file', async () => {
    await list.add({ kind: 'serial', serial: '7' }, TERMS).written
    await list.close()
    await chmod(file, 0o666)
    await assert.rejects(open(), { code: 'ERR_KEYS_FILE_MODE' })
    await rm(file)
    list = await open()
  })
})
