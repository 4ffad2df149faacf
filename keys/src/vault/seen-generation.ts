import { readPrivateFile, removeLeftovers, writeDurably } from '../durable/index.ts'
import { KeysError } from '../errors.ts'

/**
 * The generation of a vault that was last seen, in a file beside it. It is never ahead of what is on the
 * disk: the vault is written first.
 */
export interface SeenGeneration {
  /** Undefined when none has been kept yet. */
  readonly value: number | undefined
  keep(generation: number): Promise<void>
}

/** The caller holds the writer lock of the vault. Throws `ERR_KEYS_FILE_CORRUPT` or `ERR_KEYS_FILE_MODE`. */
export async function openSeenGeneration(vaultFile: string): Promise<SeenGeneration> {
  const file = `${vaultFile}.generation`
  await removeLeftovers(file)
  let value = await read(file)
  return {
    get value() {
      return value
    },
    async keep(generation) {
      if (value === generation) return
      await writeDurably(file, Buffer.from(`${generation}\n`), { mode: 0o600 })
      value = generation
    },
  }
}

async function read(file: string): Promise<number | undefined> {
  const bytes = await readPrivateFile(file)
  if (bytes === undefined) return undefined
  const text = bytes.toString('latin1')
  if (/^[0-9]{1,15}\n$/.test(text)) return Number(text)
  throw new KeysError('ERR_KEYS_FILE_CORRUPT', `${file} does not hold the number of a generation`)
}

export interface Generations {
  readonly file: string
  /** What is in the file; 0 when there is none. */
  readonly found: number
  /** Whether whoever wrote the file has also kept its generation beside it. */
  readonly keptBeside: boolean
  readonly seen: number | undefined
  /** What the caller knows from elsewhere. */
  readonly minimum: number | undefined
  /** The one generation that is taken although a newer one was seen. */
  readonly accepted: number | undefined
}

/** Throws `ERR_KEYS_VAULT_ROLLBACK` for an old copy, however genuine. */
export function assertRecent(given: Generations): void {
  const { file, found, keptBeside, seen, accepted } = given
  if (accepted !== undefined) {
    if (accepted === found) return
    throw rollback(`${file} is at generation ${found}, not at ${accepted}, which was accepted`)
  }
  if (seen === undefined && keptBeside && found > 0) {
    throw rollback(
      `${file}.generation is missing, so nobody knows whether generation ${found} of ${file} is an old copy`,
      found,
    )
  }
  const newest = Math.max(seen ?? 0, given.minimum ?? 0)
  if (found >= newest) return
  const what =
    found === 0
      ? `${file} is missing, but generation ${newest} of it has been seen`
      : `${file} is at generation ${found}, but ${newest} has been seen: it is an old copy`
  throw rollback(what, found)
}

function rollback(what: string, acceptable?: number): KeysError {
  const wayOut = `; to go on with it, run sallyport key accept-generation ${acceptable}`
  return new KeysError(
    'ERR_KEYS_VAULT_ROLLBACK',
    acceptable === undefined ? what : `${what}${wayOut}`,
  )
}
