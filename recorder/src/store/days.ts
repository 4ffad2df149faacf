import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { recordingsFolder } from './layout.ts'

/**
 * Yields each day's folder, newest first. Only real folders with the names that the layout gives
 * them: what else lies there, links above all, is passed over.
 */
export async function* dayFolders(root: string): AsyncGenerator<string, void, undefined> {
  const base = recordingsFolder(root)
  for (const year of await folders(base, /^\d{4}$/)) {
    for (const month of await folders(join(base, year), /^\d{2}$/)) {
      for (const day of await folders(join(base, year, month), /^\d{2}$/)) {
        yield join(base, year, month, day)
      }
    }
  }
}

/** Returns the names of the real folders in `folder` that match, last first; none when it is missing. */
export async function folders(folder: string, name: RegExp): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const names = entries.filter((entry) => entry.isDirectory() && name.test(entry.name))
    return names
      .map((entry) => entry.name)
      .toSorted()
      .toReversed()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
