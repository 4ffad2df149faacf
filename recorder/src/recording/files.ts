type Done = (error: NodeJS.ErrnoException | null) => void

/**
 * The file operations that a recording is made with, as node:fs has them (the callback kind: a
 * promise for each packet would cost more than the write). Tests put a failing disk in their place.
 */
export interface RecordingFiles {
  mkdir(path: string, options: { recursive: boolean; mode: number }, done: Done): void
  open(
    path: string,
    flags: number,
    mode: number,
    done: (error: NodeJS.ErrnoException | null, fd: number) => void,
  ): void
  write(
    fd: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: null,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void
  /** Writes before it returns; missing where every write should go through `write`. */
  writeSync?(this: void, fd: number, bytes: Uint8Array, offset: number, length: number): number
  fdatasync(fd: number, done: Done): void
  close(fd: number, done: Done): void
}
