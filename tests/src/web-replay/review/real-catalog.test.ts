import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCatalog } from '@sallyport/recorder/catalog'
import type { Catalog } from '@sallyport/recorder/catalog'
import type { SessionCatalog } from '@sallyport/web-replay/app'
import { START } from '../support/recordings.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

describe('review API over the real catalog', () => {
  const reviewer = new Visitor()
  let folder: string
  let catalog: Catalog
  let server: ReviewServer

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-review-'))
    const onError = (error: unknown): void => assert.fail(String(error))
    catalog = openCatalog({ file: join(folder, 'catalog.sqlite'), onError })
    for (let index = 0; index < 5; index += 1) {
      catalog.recordingStarted({
        id: `rec_${String(index).padStart(8, '0')}`,
        startedAt: START + index,
        identity: 'ci/payments',
        issuer: 'https://issuer.example',
        subject: 's',
        login: 'deploy',
        target: 'web-1',
        clientAddress: '192.0.2.1',
        entry: '-J',
        claims: { ref: 'main' },
      })
    }
    server = await startReviewServer({ app: { catalog: catalog satisfies SessionCatalog } })
    await reviewer.signIn(server.url, 'reviewer')
  })

  after(async () => {
    await server.close()
    catalog.close()
    await rm(folder, { recursive: true })
  })

  it('pages by its cursors', async () => {
    const first = await (await reviewer.get(`${server.url}/api/sessions?limit=3`)).json()
    assert.deepEqual(
      first.rows.map(({ id }: { id: string }) => id),
      ['rec_00000004', 'rec_00000003', 'rec_00000002'],
    )
    const query = new URLSearchParams({ limit: '3', before: first.next })
    const second = await (await reviewer.get(`${server.url}/api/sessions?${query}`)).json()
    assert.deepEqual(
      second.rows.map(({ id }: { id: string }) => id),
      ['rec_00000001', 'rec_00000000'],
    )
    assert.equal(second.next, undefined)
  })

  it('answers 400 to a cursor that is not its own', async () => {
    const response = await reviewer.get(`${server.url}/api/sessions?before=nonsense`)
    assert.equal(response.status, 400)
  })

  it('shows one session', async () => {
    const response = await reviewer.get(`${server.url}/api/sessions/rec_00000002`)
    const { recording } = await response.json()
    assert.equal(recording.target, 'web-1')
    assert.equal(recording.status, 'running')
    assert.deepEqual(recording.claims, { ref: 'main' })
  })
})
