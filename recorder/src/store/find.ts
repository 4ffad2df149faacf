import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dayFolders } from './days.ts'
import {
  castFileName,
  dayFolder,
  EVENTS_FILE,
  isChannelNumber,
  isRecordingId,
  recordingsFolder,
} from './layout.ts'

/** A file of a recording, opened for reading. Whoever opened it closes it, or reads it to its end. */
export interface RecordingFile {
  /** Name inside the recording's folder, for a download. */
  readonly name: string
  /** Size in bytes when it was opened; a running recording grows. */
  readonly size: number
  /**
   * Returns the file's bytes up to `size`, or those from `from` and before `to`, and closes the file when they end or
   * are given up.
   */
  chunks(range?: FileRange): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** A part of a file, in bytes. */
export interface FileRange {
  readonly from?: number
  readonly to?: number
}

/** Where to look first, from the catalog; without it the days are searched, newest first. */
export interface FindOptions {
  readonly startedAt?: Date
}

/** Returns the folder of a recording, or undefined when `id` is malformed or names none. */
export async function findRecording(
  root: string,
  id: string,
  options: FindOptions = {},
): Promise<string | undefined> {
  if (!isRecordingId(id)) return undefined
  if (options.startedAt !== undefined) {
    const folder = join(dayFolder(root, options.startedAt), id)
    if (await isFolderWithin(recordingsFolder(root), folder)) return folder
  }
  for await (const day of dayFolders(root)) {
    const folder = join(day, id)
    if (await isFolderWithin(day, folder)) return folder
  }
  return undefined
}

/** Returns the open cast of a channel, or undefined when there is none by these names. */
export async function openCast(
  root: string,
  id: string,
  channel: number,
  options: FindOptions = {},
): Promise<RecordingFile | undefined> {
  if (!isChannelNumber(channel)) return undefined
  return openIn(await findRecording(root, id, options), castFileName(channel))
}

/** Returns the open event log of a recording's connection, or undefined when there is none. */
export async function openEvents(
  root: string,
  id: string,
  options: FindOptions = {},
): Promise<RecordingFile | undefined> {
  return openIn(await findRecording(root, id, options), EVENTS_FILE)
}

async function openIn(
  folder: string | undefined,
  name: string,
): Promise<RecordingFile | undefined> {
  if (folder === undefined) return undefined
  let file: FileHandle
  try {
    // A link in place of the file would lead out of the store; NONBLOCK: a pipe would hang us.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    file = await open(join(folder, name), flags)
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
  const stat = await file.stat()
  if (!stat.isFile()) {
    await file.close()
    return undefined
  }
  return {
    name,
    size: stat.size,
    chunks: ({ from = 0, to = stat.size } = {}) => readTo(file, from, Math.min(to, stat.size)),
    close: () => file.close(),
  }
}

async function* readTo(
  file: FileHandle,
  from: number,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    let position = from
    while (position < size) {
      const chunk = Buffer.allocUnsafe(Math.min(size - position, 256 * 1024))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** True when `folder`, and each folder between it and `base`, is a real folder and no link. */
async function isFolderWithin(base: string, folder: string): Promise<boolean> {
  try {
    for (let path = folder; path !== base; path = dirname(path)) {
      if (!(await lstat(path)).isDirectory()) return false
    }
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ELOOP'
}
