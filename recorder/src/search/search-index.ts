import { Worker } from 'node:worker_threads'
import type { SearchAnswer, SearchQuery } from '../rows/index.ts'
import type { TextLimits } from './cast-text.ts'
import type { Asked, Said, ThreadOptions } from './messages.ts'

/** Finds commands and output in what the catalog lists. */
export interface SearchIndex {
  /** Answers from the index as it is; `busy` when too many wait or it cannot be had now. */
  search(query: SearchQuery): Promise<SearchAnswer>
  /** Resolves when all that had ended before can be searched. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** What a search index needs. */
export interface SearchIndexOptions {
  /** The index; it is made anew when it is missing, so it can be deleted. */
  readonly file: string
  readonly catalogFile: string
  /** The folder that holds the recordings. */
  readonly root: string
  /** Commits what the catalog holds back, so that a search finds it. */
  readonly settle: () => void
  /** Hears what cannot be indexed, and when the thread broke. */
  readonly onError: (error: unknown) => void
  readonly limits?: Partial<TextLimits>
}

const LIMITS: TextLimits = { bytes: 64 * 1024 * 1024, characters: 1024 * 1024 }
const MOST_WAITING = 16
/** A thread that broke is started again, but not at once: it might break again. */
const RESTART_MS = 5000

interface Waiting {
  readonly answer: (answer: SearchAnswer) => void
  readonly settled: () => void
}

/**
 * Returns the search index of a catalog, in a thread of its own: the text of recordings is hostile,
 * and may take long. The caller closes it before the catalog.
 */
export function openSearchIndex(options: SearchIndexOptions): SearchIndex {
  const { file, catalogFile, root, settle, onError } = options
  const limits = { ...LIMITS, ...options.limits }
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let restart: NodeJS.Timeout | undefined
  let closed = false
  let lastId = 0

  function start(): void {
    restart = undefined
    const script = import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js'
    const workerData: ThreadOptions = { file, catalogFile, root, limits }
    const thread = new Worker(new URL(script, import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    })
    // Searching alone keeps no program running.
    thread.unref()
    thread.on('message', (said: Said) => hear(said))
    thread.on('error', onError)
    thread.on('exit', () => {
      worker = undefined
      for (const { answer, settled } of waiting.values()) {
        answer({ kind: 'busy' })
        settled()
      }
      waiting.clear()
      if (!closed) restart = setTimeout(start, RESTART_MS).unref()
    })
    worker = thread
  }

  function hear(said: Said): void {
    if (said.kind === 'trouble') {
      onError(new Error(said.message))
      return
    }
    const asked = waiting.get(said.id)
    waiting.delete(said.id)
    if (said.kind === 'answer') asked?.answer(said.answer)
    else if (said.kind === 'settled') asked?.settled()
    else {
      onError(new Error(said.message))
      asked?.answer({ kind: 'busy' })
      asked?.settled()
    }
  }

  function ask(asked: Asked, callbacks: Partial<Waiting>): void {
    waiting.set(asked.id, { answer: ignore, settled: ignore, ...callbacks })
    worker?.postMessage(asked)
  }

  start()
  return {
    async search(query) {
      settle()
      if (worker === undefined || waiting.size >= MOST_WAITING) return { kind: 'busy' }
      lastId += 1
      const id = lastId
      return new Promise((answer) => ask({ kind: 'search', id, query }, { answer }))
    },
    async settled() {
      settle()
      if (worker === undefined) return
      lastId += 1
      const id = lastId
      await new Promise<void>((settled) => ask({ kind: 'settle', id }, { settled }))
    },
    async close() {
      closed = true
      clearTimeout(restart)
      await worker?.terminate()
    },
  }
}

function ignore(): void {}
