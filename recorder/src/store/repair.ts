import { constants } from 'node:fs'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeLine } from '../asciicast/decode.ts'
import { decodeNote } from '../asciicast/decode-details.ts'
import { decodeHeader, parseObject } from '../asciicast/decode-header.ts'
import { encodeEvent } from '../asciicast/encode.ts'
import { encodeConnectionEvent, isFinalEvent } from './connection-events.ts'
import { dayFolders, folders } from './days.ts'
import { EVENTS_FILE } from './layout.ts'
import { findEnd, type LineCheck, setAside } from './torn-tail.ts'

/** A file whose unfinished last line was moved away. */
export interface TornFile {
  readonly file: string
  readonly bytes: number
}

/** A recording that had no proper end, and now says so. */
export interface RepairedRecording {
  readonly id: string
  readonly folder: string
  readonly torn: readonly TornFile[]
}

/** What a repair found. `failed` recordings could not be read or written; they stay as they were. */
export interface RepairReport {
  readonly inspected: number
  readonly interrupted: readonly RepairedRecording[]
  readonly failed: readonly { readonly id: string; readonly error: unknown }[]
}

/** What `repairRecordings` needs; `skip` names recordings that another process is still writing. */
export interface RepairOptions {
  readonly root: string
  readonly now: () => Date
  readonly skip?: ReadonlySet<string>
}

/**
 * Gives every recording without a proper end one: torn last lines are moved beside their file and
 * declared, casts and the connection's log are marked as interrupted. Call it at start-up, before
 * anything records below `root`. Nothing that was written whole is ever changed.
 */
export async function repairRecordings(options: RepairOptions): Promise<RepairReport> {
  const interrupted: RepairedRecording[] = []
  const failed: { id: string; error: unknown }[] = []
  let inspected = 0
  for await (const day of dayFolders(options.root)) {
    for (const id of await folders(day, /^[A-Za-z0-9_-]{8,64}$/)) {
      if (options.skip?.has(id) === true) continue
      inspected += 1
      try {
        const folder = join(day, id)
        const torn = await repairRecording(folder, options.now())
        if (torn !== undefined) interrupted.push({ id, folder, torn })
      } catch (error) {
        failed.push({ id, error })
      }
    }
  }
  return { inspected, interrupted, failed }
}

async function repairRecording(folder: string, at: Date): Promise<TornFile[] | undefined> {
  const create = constants.O_CREAT
  return withFile(join(folder, EVENTS_FILE), create, async (events, path) => {
    const { size } = await events.stat()
    const end = await findEnd(events, size, (line) => parseObject(line) !== undefined)
    const last = end.lastLine === undefined ? undefined : parseObject(end.lastLine)
    if (end.goodLength === size && isFinalEvent(last?.['event'])) return undefined
    const torn: TornFile[] = []
    for (const name of await readdir(folder)) {
      if (!/^\d+\.cast$/.test(name)) continue
      const bytes = await withFile(join(folder, name), 0, repairCast)
      if (bytes > 0) torn.push({ file: name, bytes })
    }
    const bytes = await setAside(events, path, end.goodLength)
    if (bytes > 0) torn.push({ file: EVENTS_FILE, bytes })
    const offset = typeof last?.['offset'] === 'number' ? last['offset'] : 0
    const lines = torn.map((file) =>
      encodeConnectionEvent(at, offset, 'recording.torn', { ...file }),
    )
    lines.push(encodeConnectionEvent(at, offset, 'recording.interrupted', {}))
    await events.writeFile(lines.join(''))
    await events.sync()
    return torn
  })
}

/** Returns the number of bytes set aside. */
async function repairCast(cast: FileHandle, path: string): Promise<number> {
  const { size } = await cast.stat()
  const end = await findEnd(cast, size, isCastLine)
  if (end.goodLength === size && end.lastLine !== undefined && isCastEnd(end.lastLine)) return 0
  const bytes = await setAside(cast, path, end.goodLength)
  // Without its header no event can follow: the file stays empty, the connection's log tells why.
  if (end.goodLength === 0) return bytes
  const gap = bytes === 0 ? '' : encodeEvent(0, 'g', JSON.stringify({ kind: 'torn', bytes }))
  await cast.writeFile(gap + encodeEvent(0, 'n', JSON.stringify({ kind: 'interrupted' })))
  await cast.sync()
  return bytes
}

const isCastLine: LineCheck = (line, first) =>
  first ? decodeHeader(line).kind === 'header' : decodeLine(line).kind !== 'bad'

function isCastEnd(line: string): boolean {
  const decoded = decodeLine(line)
  if (decoded.kind !== 'event' || decoded.code !== 'n') return false
  const kind = decodeNote(decoded.text)?.kind
  return kind === 'end' || kind === 'interrupted'
}

async function withFile<Result>(
  path: string,
  flags: number,
  use: (file: FileHandle, path: string) => Promise<Result>,
): Promise<Result> {
  const mode = constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW | flags
  const file = await open(path, mode, 0o600)
  try {
    return await use(file, path)
  } finally {
    await file.close()
  }
}
