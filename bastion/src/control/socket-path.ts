import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'

/** The name of the control socket in the data folder. */
export const SOCKET_NAME = 'control.sock'

/** A path by which a socket can be bound or reached. */
export interface SocketPath {
  readonly path: string
  /** To be called once it was bound or reached. */
  release(): void
}

/** `sun_path` of unix(7) has 108 bytes with its end. */
const LONGEST = 107

/** Returns a path to `folder/name` that is short enough for a socket, however deep the folder lies. */
export function socketPath(folder: string, name: string): SocketPath {
  const path = join(folder, name)
  if (Buffer.byteLength(path) <= LONGEST) return { path, release: () => {} }
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  return { path: `/proc/self/fd/${fd}/${name}`, release: () => closeSync(fd) }
}
