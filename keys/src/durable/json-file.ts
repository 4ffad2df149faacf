import { link, rename, unlink } from 'node:fs/promises'
import type { Adapter } from 'lowdb'
import { KeysError } from '../errors.ts'
import { readPrivateFile } from './private-file.ts'
import { resolveLink, writeDurably } from './write.ts'

export interface DurableJSONFileOptions<T> {
  /** Returns the value as its own type, or throws an Error that says what is wrong with it. */
  readonly parse: (value: unknown) => T
}

/**
 * A lowdb adapter for a file of mode 0600: each write is on the disk before its promise resolves, and
 * the generation before it is kept as `file.previous`. Writes run one after another. It guards
 * against no other process: hold the writer lock.
 */
export class DurableJSONFile<T> implements Adapter<T> {
  readonly #file: string
  readonly #parse: (value: unknown) => T
  #last: Promise<void> = Promise.resolve()

  constructor(file: string, options: DurableJSONFileOptions<T>) {
    this.#file = file
    this.#parse = options.parse
  }

  /**
   * Returns null only when there is no file. One that is empty, cut short, "null" or refused by
   * `parse` throws `ERR_KEYS_FILE_CORRUPT`: defaults in its place would look like an empty store.
   */
  readonly read = async (): Promise<T | null> => {
    const bytes = await readPrivateFile(this.#file)
    if (bytes === undefined) return null
    if (bytes.length === 0) throw this.#corrupt('is empty')
    let value: unknown
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch (cause) {
      throw this.#corrupt('is not whole JSON', cause)
    }
    if (value === null) throw this.#corrupt('holds "null"')
    try {
      return this.#parse(value)
    } catch (cause) {
      throw this.#corrupt(cause instanceof Error ? cause.message : 'was refused', cause)
    }
  }

  /** Writes what `value` is now; later changes to it are not part of this write. */
  readonly write = (value: T): Promise<void> => {
    const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
    const run = this.#last.then(async () => {
      await keepPrevious(await resolveLink(this.#file))
      await writeDurably(this.#file, bytes, { mode: 0o600 })
    })
    this.#last = run.catch(() => {})
    return run
  }

  #corrupt(problem: string, cause?: unknown): KeysError {
    const message = `${this.#file} ${problem}; the generation before it is ${this.#file}.previous`
    return new KeysError('ERR_KEYS_FILE_CORRUPT', message, { cause })
  }
}

/** A second name for the old bytes costs no copy, and the rename that follows leaves them alone. */
async function keepPrevious(file: string): Promise<void> {
  const temporary = `${file}.previous.new`
  await unlink(temporary).catch(ignoreAbsence)
  try {
    await link(file, temporary)
  } catch (error) {
    if (isAbsence(error)) return
    throw new KeysError('ERR_KEYS_FILE_WRITE', `cannot keep the last generation of ${file}`, {
      cause: error,
    })
  }
  await rename(temporary, `${file}.previous`)
}

function ignoreAbsence(error: unknown): void {
  if (!isAbsence(error)) throw error
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
