import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Free bytes below which no session begins, unless the caller chose another limit. */
export const MINIMUM_FREE_BYTES: number = 64 * 1024 * 1024

/** Whether a new session may begin, as far as the disk goes. */
export type FreeSpace =
  | { readonly kind: 'enough'; readonly freeBytes: number }
  | { readonly kind: 'low'; readonly freeBytes: number; readonly minimumFreeBytes: number }

/**
 * Returns how much space is left, for this process, on the disk that holds `folder` (or will hold
 * it: the nearest folder above that exists is asked). Throws what statfs throws.
 */
export async function checkFreeSpace(
  folder: string,
  minimumFreeBytes: number = MINIMUM_FREE_BYTES,
): Promise<FreeSpace> {
  const { bavail, bsize } = await statfs(nearestFolder(folder))
  const freeBytes = bavail * bsize
  if (freeBytes >= minimumFreeBytes) return { kind: 'enough', freeBytes }
  return { kind: 'low', freeBytes, minimumFreeBytes }
}

function nearestFolder(folder: string): string {
  let nearest = folder
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest)
  return nearest
}
