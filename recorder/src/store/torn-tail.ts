import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const NEWLINE = 0x0a

/** The end of a file that may have been cut off in the middle of a line. */
export interface FileEnd {
  /** Length of the file up to and with its last good line. */
  readonly goodLength: number
  /** That line; missing when there is none. */
  readonly lastLine?: string
}

/** Returns whether a line is whole and sound; `first` is true for the line at the file's start. */
export type LineCheck = (line: string, first: boolean) => boolean

/**
 * Returns where the good part of the file ends: after the last line that has its newline and that
 * passes `check` (a lost block can leave whole lines of NULs behind).
 */
export async function findEnd(file: FileHandle, size: number, check: LineCheck): Promise<FileEnd> {
  for (let window = Math.min(size, 64 * 1024); ; window = Math.min(size, window * 8)) {
    const start = size - window
    const tail = Buffer.allocUnsafe(window)
    const { bytesRead } = await file.read(tail, 0, window, start)
    const found = searchBack(tail.subarray(0, bytesRead), start, check)
    if (found !== undefined) return found
    if (start === 0) return { goodLength: 0 }
  }
}

/**
 * Moves what lies after `goodLength` to a file beside it named `.torn` (or `.torn.1` and so on), on
 * disk before anything is cut, then shortens the file. Returns how many bytes were moved.
 */
export async function setAside(
  file: FileHandle,
  path: string,
  goodLength: number,
): Promise<number> {
  const { size } = await file.stat()
  const bytes = size - goodLength
  if (bytes === 0) return 0
  const aside = await createFresh(`${path}.torn`)
  try {
    const chunk = Buffer.allocUnsafe(Math.min(bytes, 1024 * 1024))
    for (let position = goodLength; position < size;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
      if (bytesRead === 0) break
      await aside.writeFile(chunk.subarray(0, bytesRead))
      position += bytesRead
    }
    await aside.sync()
  } finally {
    await aside.close()
  }
  await file.truncate(goodLength)
  return bytes
}

function searchBack(tail: Buffer, start: number, check: LineCheck): FileEnd | undefined {
  let end = tail.lastIndexOf(NEWLINE)
  while (end !== -1) {
    const before = end === 0 ? -1 : tail.lastIndexOf(NEWLINE, end - 1)
    if (before === -1 && start > 0) return undefined
    const line = tail.toString('utf8', before + 1, end)
    if (check(line, before === -1)) return { goodLength: start + end + 1, lastLine: line }
    end = before
  }
  return undefined
}

async function createFresh(path: string): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await open(attempt === 0 ? path : `${path}.${attempt}`, flags, 0o600)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}
