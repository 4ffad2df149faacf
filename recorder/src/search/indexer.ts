import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { openCast } from '../store/find.ts'
import { castText, type TextLimits, type TextPart } from './cast-text.ts'
import { createProgress, transact } from './progress.ts'

/** Commands read at once. */
const BATCH = 500
/** A recording at which the indexer ended this often is passed over. */
const MOST_TRIES = 2

export interface IndexerOptions {
  readonly database: DatabaseSync
  /** The folder that holds the recordings. */
  readonly root: string
  readonly limits: TextLimits
  /** Hears of recordings that could not be read. */
  readonly onError: (error: unknown) => void
}

/** Reads what the catalog has and the index has not. */
export interface Indexer {
  /** Takes in a few of the newest commands, if there are any; returns false when there are none. */
  readCommands(): boolean
  /** Takes in everything, with pauses in which others have their turn. */
  readAll(): Promise<void>
  /** How many recordings have ended and cannot be searched yet. */
  waiting(): number
}

/**
 * Returns an indexer. Each step is one transaction together with the note that it was taken, so
 * that it is taken once, whenever the program ends.
 */
export function createIndexer(options: IndexerOptions): Indexer {
  const { database, root, limits, onError } = options
  const progress = createProgress(database)
  const newCommands = database.prepare(
    'SELECT number, text FROM commands WHERE number > ? ORDER BY number LIMIT ?',
  )
  const addCommand = database.prepare('INSERT INTO command_text (rowid, text) VALUES (?, ?)')
  const nextEnding = database.prepare(
    `SELECT e.sequence, r.number, r.id, r.started_at FROM endings e
      JOIN recordings r ON r.number = e.recording WHERE e.sequence > ? ORDER BY e.sequence LIMIT 1`,
  )
  const lastEnding = database.prepare('SELECT max(sequence) AS last FROM endings')
  const channels = database.prepare(
    'SELECT channel FROM channels WHERE recording = ? ORDER BY channel',
  )
  const addOutput = database.prepare(
    'INSERT INTO outputs (recording, channel, offset, text) VALUES (?, ?, ?, ?)',
  )
  const addText = database.prepare('INSERT INTO output_text (rowid, text) VALUES (?, ?)')

  function readCommands(): boolean {
    const rows = newCommands.all(progress.get('commands'), BATCH)
    const last = rows.at(-1)?.['number']
    if (typeof last !== 'number') return false
    transact(database, () => {
      for (const { number, text } of rows) addCommand.run(Number(number), String(text))
      progress.set('commands', last)
    })
    return true
  }

  async function textOf(recording: {
    readonly id: string
    readonly number: number
    readonly startedAt: Date
  }): Promise<readonly (TextPart & { readonly channel: number })[]> {
    const texts: (TextPart & { readonly channel: number })[] = []
    let { bytes, characters } = limits
    for (const row of channels.all(recording.number)) {
      const channel = Number(row['channel'])
      const file = await openCast(root, recording.id, channel, { startedAt: recording.startedAt })
      if (file === undefined) continue
      const parts = await castText(file.chunks(), { bytes, characters }, () => setImmediate())
      for (const part of parts) {
        texts.push({ ...part, channel })
        characters -= part.text.length
      }
      bytes -= file.size
      if (bytes <= 0 || characters <= 0) break
    }
    return texts
  }

  /** True when the program has ended at this recording before, again and again. */
  function isGivenUp(sequence: number): boolean {
    const tries = progress.get('trying') === sequence ? progress.get('tries') : 0
    transact(database, () => {
      progress.set('trying', sequence)
      progress.set('tries', tries + 1)
    })
    return tries >= MOST_TRIES
  }

  async function readEnding(): Promise<boolean> {
    const row = nextEnding.get(progress.get('endings'))
    if (row === undefined) return false
    const sequence = Number(row['sequence'])
    const number = Number(row['number'])
    const id = String(row['id'])
    let texts: readonly (TextPart & { readonly channel: number })[] = []
    try {
      if (isGivenUp(sequence)) throw new Error(`the output of ${id} cannot be indexed`)
      texts = await textOf({ id, number, startedAt: new Date(Number(row['started_at'])) })
    } catch (error) {
      onError(error)
    }
    transact(database, () => {
      for (const { channel, offset, text } of texts) {
        const added = addOutput.run(number, channel, offset, text)
        addText.run(added.lastInsertRowid, text)
      }
      progress.set('endings', sequence)
    })
    return true
  }

  return {
    readCommands,
    async readAll() {
      while (readCommands()) await setImmediate()
      while (await readEnding()) {
        while (readCommands()) await setImmediate()
        await setImmediate()
      }
    },
    waiting: () => Number(lastEnding.get()?.['last'] ?? 0) - progress.get('endings'),
  }
}
