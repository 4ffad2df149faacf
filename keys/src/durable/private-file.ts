import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { KeysError } from '../errors.ts'

/**
 * Returns the bytes of a file that only we can read and change, or undefined when there is none.
 * Whoever could change it could have put something else there, so other permissions are refused with
 * `ERR_KEYS_FILE_MODE`. The bytes are checked on the very file that is read.
 */
export async function readPrivateFile(file: string): Promise<Buffer | undefined> {
  const handle = await openExisting(file)
  if (handle === undefined) return undefined
  try {
    const status = await handle.stat()
    if (!status.isFile()) throw refused(`${file} is not a plain file`)
    if (status.uid !== process.geteuid?.()) throw refused(`${file} belongs to another account`)
    const open = status.mode & 0o077
    if (open !== 0) {
      const mode = (status.mode & 0o777).toString(8).padStart(3, '0')
      throw refused(`${file} is open to others (mode ${mode}): run chmod 600 on it`)
    }
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

async function openExisting(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function refused(message: string): KeysError {
  return new KeysError('ERR_KEYS_FILE_MODE', message)
}
