import { posix } from 'node:path'

/** The folder that the target logs the agent in to; nobody here knows its path. */
export const loginFolder = '.'

const maxLength = 4096

/**
 * Returns the folder that `to` leads to from another, by its words alone: absolute, or relative to the
 * login folder. Undefined when it would be too long to keep.
 */
export function changeFolder(from: string, to: string): string | undefined {
  if (to.length > maxLength) return undefined
  const path = posix.normalize(posix.isAbsolute(to) ? to : `${from}/${to}`)
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return bare.length > maxLength ? undefined : bare
}

/** Returns a folder as an operand of `cd` that is neither an option nor looked for elsewhere. */
export function folderOperand(folder: string): string {
  return posix.isAbsolute(folder) ? folder : `./${folder}`
}

/** Returns a folder as people write it. */
export function showFolder(folder: string): string {
  if (folder === loginFolder) return '~'
  return posix.isAbsolute(folder) ? folder : `~/${folder}`
}
