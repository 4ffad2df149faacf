import { randomBytes } from 'node:crypto'
import { open, readdir, realpath, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { KeysError } from '../errors.ts'

export interface WriteOptions {
  /** Permission bits of the file, whatever the umask says. */
  readonly mode: number
}

/**
 * Replaces `file` by `bytes`: when the promise resolves they are on the disk under that name, and
 * whenever the machine stops, the name holds either the old bytes or the new. A symbolic link keeps
 * pointing where it did. Throws `ERR_KEYS_FILE_WRITE`.
 */
export async function writeDurably(
  file: string,
  bytes: Uint8Array,
  options: WriteOptions,
): Promise<void> {
  const target = await resolveLink(file)
  const temporary = join(dirname(target), temporaryPrefix(target) + randomBytes(8).toString('hex'))
  try {
    await writeNew(temporary, bytes, options.mode)
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (cause) {
    // What could not be written is of no use, and what failed is told below.
    await unlink(temporary).catch(() => {})
    throw new KeysError('ERR_KEYS_FILE_WRITE', `cannot write ${file}`, { cause })
  }
}

/** Removes what writes of `file` have left behind that were cut short. Call it under the lock only. */
export async function removeLeftovers(file: string): Promise<void> {
  const target = await resolveLink(file)
  const prefix = temporaryPrefix(target)
  for (const name of await readdir(dirname(target))) {
    if (name.startsWith(prefix)) await unlink(join(dirname(target), name))
  }
}

/** Returns once the names in a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function temporaryPrefix(target: string): string {
  return `.${basename(target)}.new-`
}

/** Returns the name of the file itself, which is what a rename must replace. */
export async function resolveLink(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch {
    return file
  }
}

async function writeNew(file: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode)
  try {
    await writeAll(handle, bytes)
    await handle.chmod(mode)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A full disk can take a part of a write and report no error. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, offset)
    if (bytesWritten === 0) throw new Error(`only ${offset} of ${bytes.length} bytes were written`)
    offset += bytesWritten
  }
}
