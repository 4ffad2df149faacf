import assert from 'node:assert/strict'
import { mkdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { openCatalog } from '@sallyport/recorder/catalog'
import type { SearchQuery } from '@sallyport/recorder/rows'
import { openIndex, openSearchIndex } from '@sallyport/recorder/search'
import { withFolder } from '../support/folders.ts'
import { started } from '../support/recordings.ts'
import { found, openIndexIn, openPlace, withIndex } from '../support/search.ts'

describe('openSearchIndex', () => {
  it('finds output of a finished recording, at its second and in its channel', async () => {
    await withIndex(async ({ record, index }) => {
      await record('recording-1', [
        [0.25, 'Building shop-api\r\n'],
        [7.5, '\u001b[31mpay\u001b[1mment de\u001b[0mclined\u001b[0m for order 1002\r\n'],
      ])
      await index.settled()
      const page = await found(index, { within: 'output', text: 'payment declined' })
      assert.equal(page.waiting, 0)
      const [group] = page.groups
      assert.equal(group?.recording.id, 'recording-1')
      assert.deepEqual(group.hits, [
        {
          channel: 1,
          offset: 7.5,
          pieces: [
            { text: 'payment', hit: true },
            { text: ' ', hit: false },
            { text: 'declined', hit: true },
            { text: ' for order 1002', hit: false },
          ],
        },
      ])
    })
  })

  for (const [text, finds] of [
    ['order', true],
    ['ORDER 1002', true],
    ['1002 order', true],
    ['"order 1002"', true],
    ['"1002 order"', false],
    ['declin*', true],
    ['declin', false],
    ['order -1002', true],
    ['order OR nothing', false],
    ['text: order', false],
    ['"order" "1002', true],
    ['Zürich', true],
    ['zurich', true],
  ] as const) {
    it(`${finds ? 'finds' : 'does not find'} ${text}`, async () => {
      await withIndex(async ({ record, index }) => {
        await record('recording-1', [[1, 'payment declined: order 1002 in Zürich\r\n']])
        await index.settled()
        const page = await found(index, { within: 'output', text })
        assert.equal(page.groups.length, finds ? 1 : 0)
      })
    })
  }

  it('finds a command by any part of it, while it runs, with its decision', async () => {
    await withIndex(async ({ catalog, index }) => {
      catalog.recordingStarted(started('recording-1', 1000))
      catalog.commandDecided('recording-1', {
        channel: 2,
        at: 3500,
        offset: 2.5,
        text: 'rm -rf "/srv/shop"; echo 100%',
        effect: 'deny',
        rule: 'never',
        argv: [],
        judged: true,
        held: false,
      })
      for (const text of ['-rf "/srv', 'M -RF', '"shop"; echo 100%"', '100%']) {
        const page = await found(index, { within: 'commands', text })
        const [hit] = page.groups[0]?.hits ?? []
        assert.equal(hit?.channel, 2, text)
        assert.equal(hit.offset, 2.5)
        assert.equal(hit.effect, 'deny')
        assert.equal(
          hit.pieces.map((piece) => piece.text).join(''),
          'rm -rf "/srv/shop"; echo 100%',
        )
      }
      assert.deepEqual((await found(index, { within: 'commands', text: 'rm -rf /' })).groups, [])
      // All its trigrams are there, but not in a row.
      assert.deepEqual((await found(index, { within: 'commands', text: '-rfech' })).groups, [])
      assert.deepEqual((await found(index, { within: 'commands', text: 'rm echo' })).groups, [])
    })
  })

  it('says what it cannot look for', async () => {
    await withIndex(async ({ index }) => {
      for (const [within, text, problem] of [
        ['commands', 'rm', 'Commands are searched for three characters or more.'],
        ['output', '-- "" *', 'There is no word to look for.'],
        ['output', 'a '.repeat(17), 'At most 16 words can be looked for.'],
        ['output', 'a\u0000b', 'The text holds control characters.'],
        ['commands', 'abc\u0000', 'The text holds control characters.'],
      ] as const) {
        const answer = await index.search({ within, text, limit: 5 })
        assert.deepEqual(answer, { kind: 'malformed', problem })
      }
      const answer = await index.search({ within: 'output', text: 'x', limit: 5, before: 'eHg' })
      assert.equal(answer.kind, 'malformed')
    })
  })

  it('shows no hit outside of the scope or the filters', async () => {
    await withIndex(async ({ record, index }) => {
      await record('recording-1', [[1, 'the word\r\n']], 'web-1')
      await record('recording-2', [[1, 'the word\r\n']], 'db-1')
      await index.settled()
      const search = async (query: Partial<SearchQuery>): Promise<string[]> => {
        const page = await found(index, { within: 'output', text: 'word', ...query })
        return page.groups.map(({ recording }) => recording.id)
      }
      assert.deepEqual(await search({}), ['recording-2', 'recording-1'])
      const scope = { kind: 'targets', targets: ['web-1', 'other'] } as const
      assert.deepEqual(await search({ scope }), ['recording-1'])
      assert.deepEqual(await search({ scope: { kind: 'targets', targets: [] } }), [])
      assert.deepEqual(await search({ filters: { target: 'db-1' } }), ['recording-2'])
      assert.deepEqual(await search({ filters: { target: 'db-1' }, scope }), [])
      assert.deepEqual(await search({ filters: { kind: 'shell' } }), [])
      assert.deepEqual(await search({ filters: { from: 1_000_000_000_000_000 } }), [])
    })
  })

  it('pages through recordings, each once, with the first hits of each', async () => {
    await withIndex(async ({ record, index }) => {
      for (let n = 1; n <= 7; n += 1) {
        const lines = Array.from(
          { length: n },
          (_, second) => [second * 2, `word ${second}\r\n`] as const,
        )
        await record(`recording-${n}`, lines)
      }
      await index.settled()
      const seen: string[] = []
      let before: string | undefined
      do {
        const page = await found(index, { within: 'output', text: 'word', limit: 3, before })
        for (const { recording, hits, more } of page.groups) {
          seen.push(recording.id)
          assert.equal(hits.length + more, Number(recording.id.slice(-1)))
          assert.ok(hits.length <= 5)
          for (const { offset, pieces } of hits) {
            assert.equal(pieces.map(({ text }) => text).join(''), `word ${offset / 2}`)
          }
        }
        before = page.next
      } while (before !== undefined)
      assert.deepEqual(
        seen,
        [7, 6, 5, 4, 3, 2, 1].map((n) => `recording-${n}`),
      )
    })
  })

  it('takes in each recording once, also when it is opened again or made anew', async () => {
    await withFolder(async (root) => {
      const place = await openPlace(root)
      await place.record('recording-1', [[1, 'word\r\n']])
      await place.index.settled()
      await place.index.close()
      await place.record('recording-2', [[1, 'word\r\n']])
      const again = openIndexIn(root, place.catalog)
      await again.settled()
      const page = await found(again, { within: 'output', text: 'word' })
      assert.deepEqual(
        page.groups.map(({ recording, hits }) => [recording.id, hits.length]),
        [
          ['recording-2', 1],
          ['recording-1', 1],
        ],
      )
      await again.close()
      for (const end of ['', '-wal', '-shm'])
        await rm(join(root, `search.sqlite${end}`), { force: true })
      const anew = openIndexIn(root, place.catalog)
      await anew.settled()
      assert.equal((await found(anew, { within: 'output', text: 'word' })).groups.length, 2)
      await anew.close()
      place.catalog.close()
    })
  })

  it('passes over a recording at which the program has ended twice', async () => {
    await withFolder(async (root) => {
      const place = await openPlace(root)
      await place.index.close()
      await place.record('recording-1', [[1, 'word\r\n']])
      await place.record('recording-2', [[1, 'word\r\n']])
      const database = openIndex(join(root, 'search.sqlite'), join(root, 'catalog.sqlite'))
      database.exec("INSERT INTO progress VALUES ('trying', 1), ('tries', 2)")
      database.close()
      const errors: unknown[] = []
      const index = openSearchIndex({
        file: join(root, 'search.sqlite'),
        catalogFile: join(root, 'catalog.sqlite'),
        root,
        settle: () => place.catalog.flush(),
        onError: (error) => errors.push(error),
      })
      await index.settled()
      const page = await found(index, { within: 'output', text: 'word' })
      assert.deepEqual(
        page.groups.map(({ recording }) => recording.id),
        ['recording-2'],
      )
      assert.match(String(errors[0]), /the output of recording-1 cannot be indexed/)
      await index.close()
      place.catalog.close()
    })
  })

  it('goes past a recording whose files are gone, and keeps what one file holds within bounds', async () => {
    await withIndex(
      async ({ record, index, root }) => {
        await record('recording-1', [[1, 'word\r\n']])
        await rm(join(root, 'recordings'), { recursive: true })
        await record('recording-2', [
          [1, 'first\r\n'],
          [2, `${'filler '.repeat(40)}\r\n`],
          [3, 'word\r\n'],
        ])
        await index.settled()
        assert.equal((await found(index, { within: 'output', text: 'first' })).groups.length, 1)
        assert.equal((await found(index, { within: 'output', text: 'word' })).groups.length, 0)
      },
      { characters: 200 },
    )
  })
})

describe('openIndex', () => {
  it('reads the catalog whatever its path is, and cannot write to it', async () => {
    await withFolder(async (root) => {
      const folder = join(root, 'a b%20?#é')
      await mkdir(folder)
      const catalogFile = join(folder, 'catalog.sqlite')
      const catalog = openCatalog({ file: catalogFile, onError: assert.ifError })
      catalog.recordingStarted(started('recording-1', 1))
      catalog.flush()
      const file = relative(process.cwd(), join(folder, 'search.sqlite'))
      const index = openIndex(file, relative(process.cwd(), catalogFile))
      assert.equal(index.prepare('SELECT id FROM recordings').get()?.['id'], 'recording-1')
      assert.throws(() => index.exec("UPDATE recordings SET login = 'root'"), /readonly/)
      index.close()
      catalog.close()
    })
  })
})
