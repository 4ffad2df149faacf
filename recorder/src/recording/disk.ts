import type { BufferPool } from './byte-buffer.ts'
import type { RecordingFiles } from './files.ts'
import type { SmallWrites } from './small-writes.ts'

/** What all recordings of a store write their files with. */
export interface Disk {
  readonly files: RecordingFiles
  readonly smallWrites: SmallWrites
  readonly pool: BufferPool
  /** How long the disk may take for one operation, in milliseconds. */
  readonly holdLimitMs: number
  /** Runs `work` when the event that is being handled was dealt with: all that it brought is one write. */
  readonly atEndOfTurn: (work: () => void) => void
}
