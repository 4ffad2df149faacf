/** The thread that searches and indexes: what it is busy with never holds up a session. */
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { findHits } from './find-hits.ts'
import { createIndexer } from './indexer.ts'
import type { Asked, Said, ThreadOptions } from './messages.ts'
import { openIndex } from './schema.ts'

/** Between two looks at the catalog, in milliseconds. */
const PAUSE = 1000
/** Commands that are taken in before a search, in batches: the newest are what is looked for most. */
const FRESH_BATCHES = 4

const port = parentPort
if (port === null) throw new TypeError('this is the main module of a thread')
const { file, catalogFile, root, limits } = workerData as ThreadOptions
const say = (said: Said): void => port.postMessage(said)
const trouble = (error: unknown): void => say({ kind: 'trouble', message: messageOf(error) })

const database = openIndex(file, catalogFile)
const indexer = createIndexer({ database, root, limits, onError: trouble })
let reading: Promise<void> | undefined

port.on('message', (asked: Asked) => {
  void answer(asked).then(say, (error: unknown) => {
    say({ kind: 'broken', id: asked.id, message: messageOf(error) })
  })
})
void keepReading()

async function answer(asked: Asked): Promise<Said> {
  const { id } = asked
  switch (asked.kind) {
    case 'search': {
      for (let n = 0; n < FRESH_BATCHES && indexer.readCommands(); n += 1);
      const found = findHits(database, asked.query, indexer.waiting())
      return { kind: 'answer', id, answer: found }
    }
    case 'settle':
      await reading
      await readOnce()
      return { kind: 'settled', id }
  }
}

function readOnce(): Promise<void> {
  reading ??= indexer.readAll().finally(() => {
    reading = undefined
  })
  return reading
}

async function keepReading(): Promise<never> {
  for (;;) {
    await readOnce().catch(trouble)
    await setTimeout(PAUSE)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
