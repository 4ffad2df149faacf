import { acquireWriterLock, type WriterLock } from '@sallyport/keys/durable'
import { mkdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { BastionError } from '../errors.ts'

/** The folder that holds everything of one quickstart. */
export interface DataFolder {
  readonly root: string
  /** Returns the absolute path of a file in it. */
  file(...names: readonly string[]): string
  /** Returns the same path as somebody would type it here. */
  typed(...names: readonly string[]): string
  close(): void
}

/** ssh hands the path of its configuration on to the ssh of `-J` through a shell, and does not quote it. */
const PLAIN_PATH = /^[\p{L}\p{N}/._+@,=:-]+$/u

/**
 * Makes the folder when there is none and keeps others out while it is open. Throws ERR_BASTION_QUICKSTART when another
 * process has it open, or its path has characters that `ssh -F FILE -J` would trip over.
 */
export async function openDataFolder(path: string, currentFolder: string): Promise<DataFolder> {
  const root = resolve(currentFolder, path)
  if (!PLAIN_PATH.test(root)) {
    throw new BastionError(
      'ERR_BASTION_QUICKSTART',
      `ssh -J cannot pass on a path with blanks or special characters; choose another folder than ${root}`,
    )
  }
  await mkdir(root, { recursive: true, mode: 0o700 })
  const lock = lockFolder(root)
  const inside = relative(currentFolder, root)
  const shown = inside === '' || inside.startsWith('..') ? root : inside
  return {
    root,
    file: (...names) => join(root, ...names),
    typed: (...names) => join(shown, ...names),
    close: () => lock.release(),
  }
}

function lockFolder(root: string): WriterLock {
  try {
    return acquireWriterLock(join(root, 'quickstart'), { now: Date.now })
  } catch (error) {
    const holder = /in use by (.+)$/.exec(error instanceof Error ? error.message : '')?.[1]
    throw new BastionError(
      'ERR_BASTION_QUICKSTART',
      holder === undefined
        ? `the folder ${root} cannot be locked`
        : `the folder ${root} is in use by ${holder}; end that one, or choose another with --data`,
      error,
    )
  }
}
