import type { RecordingFiles } from './files.ts'

/** Bytes up to which a write is worth no thread of its own: it is a copy into the page cache. */
const SMALL = 4096

/** Milliseconds that a small write takes at most on a disk that is well. */
const SLOW = 5

/** Milliseconds for which a disk that was slow is written to by threads alone. */
const REST = 10_000

/**
 * Writes small batches at once, without a thread: what somebody types then waits for no hand-over, which costs more than
 * the write. A blocked write would block everything else, so a disk that was slow once is left to the threads for a
 * while. Shared by all recordings of a disk.
 */
export class SmallWrites {
  readonly #write: RecordingFiles['writeSync']
  readonly #clock: () => number
  #restUntil = 0

  /** `clock` counts milliseconds and never goes back. */
  constructor(files: RecordingFiles, clock: () => number) {
    this.#write = files.writeSync
    this.#clock = clock
  }

  /** Returns how many bytes were written, undefined when nothing was tried. Throws what the disk says. */
  attempt(fd: number, bytes: Uint8Array, length: number): number | undefined {
    if (this.#write === undefined || length > SMALL) return undefined
    const started = this.#clock()
    if (started < this.#restUntil) return undefined
    const written = this.#write(fd, bytes, 0, length)
    const ended = this.#clock()
    if (ended - started > SLOW) this.#restUntil = ended + REST
    return written
  }
}
