import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCatalog } from '@sallyport/recorder/catalog'
import { openSearchIndex } from '@sallyport/recorder/search'
import { startReviewServer } from '../../src/web-replay/support/review-server.ts'
import { Visitor } from '../../src/web-replay/support/visitor.ts'
import type { BenchBed } from '../bed.ts'
import { median, row, type BenchOptions, type Row } from '../row.ts'
import { generateCatalog, generateSearch } from '../support/generate-catalog.ts'

const SESSIONS = 1_000_000

/** What is asked of the HTTP API; each answer is a whole page. */
const ASKED: readonly (readonly [name: string, paths: readonly string[]])[] = [
  ['catalog.firstPage', ['/api/sessions']],
  [
    'catalog.filtered',
    [
      '/api/sessions?target=web-7&decision=denied',
      '/api/sessions?login=root&exit=failed',
      '/api/sessions?claim.repository=acme/service-77&rule=rule-27',
      '/api/sessions?agent=github/acme/service-12&to=2026-05-01T00:00:00Z',
    ],
  ],
  [
    'catalog.search',
    [
      '/api/search?in=commands&q=payment%20declined',
      '/api/search?in=commands&q=restart%20shop-api%204242',
      '/api/search?in=output&q=order%20declined',
      '/api/search?in=output&q=%22order%204242%22',
    ],
  ],
]

/** Milliseconds until a reviewer's browser has the answer, with a million sessions in the catalog. */
export async function catalog(_bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  if (!options.wants('catalog')) return []
  const count = options.quick ? SESSIONS / 10 : SESSIONS
  options.progress(`catalog: generating ${count} sessions`)
  const root = await mkdtemp(join(tmpdir(), 'sallyport-bench-'))
  const catalogFile = join(root, 'catalog.sqlite')
  const file = join(root, 'search.sqlite')
  const onError = (error: unknown): void => options.progress(String(error))
  try {
    generateCatalog(catalogFile, count)
    generateSearch(file, catalogFile, count)
    const sessions = openCatalog({ file: catalogFile, onError })
    const settle = (): boolean => sessions.flush()
    const search = openSearchIndex({ file, catalogFile, root, settle, onError })
    const server = await startReviewServer({ app: { catalog: sessions, search } })
    try {
      const reviewer = new Visitor()
      await reviewer.signIn(server.url, 'reviewer')
      const rows: Row[] = []
      for (const [name, paths] of ASKED) {
        options.progress(name)
        const medians: number[] = []
        for (const path of paths) {
          const times: number[] = []
          for (let round = 0; round < 12; round += 1) {
            times.push(await timeOf(reviewer, server.url + path))
          }
          medians.push(median(times))
          options.progress(`${path} ${median(times).toFixed(1)} ms, first ${times[0]?.toFixed(1)}`)
        }
        // Of several questions the one that takes longest counts.
        rows.push(row(name, 'ms', 'lower', Math.max(...medians), null))
      }
      return rows
    } finally {
      await server.close()
      await search.close()
      sessions.close()
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function timeOf(reviewer: Visitor, url: string): Promise<number> {
  const started = performance.now()
  const response = await reviewer.get(url)
  const text = await response.text()
  const elapsed = performance.now() - started
  if (response.status !== 200 || text.length < 500) throw new Error(`${url}: ${text}`)
  return elapsed
}
