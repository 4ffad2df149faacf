import nodeFiles from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../asciicast/timeline.ts'
import { RecorderError } from '../errors.ts'
import { checkFreeSpace, type FreeSpace, MINIMUM_FREE_BYTES } from '../store/free-space.ts'
import { dayFolder, isRecordingId } from '../store/layout.ts'
import { BufferPool } from './byte-buffer.ts'
import { type ConnectionOptions, ConnectionRecording } from './connection-recording.ts'
import type { Disk } from './disk.ts'
import type { RecordingFiles } from './files.ts'
import { SmallWrites } from './small-writes.ts'

/** What a store needs. */
export interface RecordingStoreOptions {
  /** The folder in which `recordings` lies, or will. */
  readonly root: string
  readonly now: () => Date
  readonly clock: Clock
  /** Free bytes below which no recording begins; 64 MiB. */
  readonly minimumFreeBytes?: number
  /** How long the disk may take for one operation; 2000 ms. */
  readonly holdLimitMs?: number
  readonly fs?: RecordingFiles
  /** Runs work when the event that is being handled was dealt with; `process.nextTick`. */
  readonly atEndOfTurn?: (work: () => void) => void
}

/** Begins recordings. */
export interface RecordingStore {
  /**
   * Returns the recording of a new connection, whose folder is made in the meantime: whatever goes
   * wrong there reaches `onFailure` (ERR_RECORDER_NO_SPACE, ERR_RECORDER_EXISTS, ERR_RECORDER_OPEN,
   * ERR_RECORDER_HOLD). Throws TypeError for a malformed id. The caller closes it.
   */
  openConnection(options: ConnectionOptions): ConnectionRecording
  /** Returns whether there is room for a new session. */
  checkFreeSpace(): Promise<FreeSpace>
}

/** Returns the store below `root`. It holds no files open; its recordings do. */
export function createRecordingStore(options: RecordingStoreOptions): RecordingStore {
  const { root, now, clock } = options
  const { minimumFreeBytes = MINIMUM_FREE_BYTES, holdLimitMs = 2000, fs = nodeFiles } = options
  const disk: Disk = {
    files: fs,
    smallWrites: new SmallWrites(fs, () => performance.now()),
    pool: new BufferPool(),
    holdLimitMs,
    atEndOfTurn: options.atEndOfTurn ?? ((work) => process.nextTick(work)),
  }
  return {
    openConnection(connection) {
      const { recordingId } = connection
      if (!isRecordingId(recordingId)) throw new TypeError('"recordingId" is malformed')
      const folder = join(dayFolder(root, now()), recordingId)
      const folderReady = prepareFolder(fs, folder, minimumFreeBytes)
      return new ConnectionRecording(connection, { disk, now, clock, folder, folderReady })
    },
    checkFreeSpace: () => checkFreeSpace(root, minimumFreeBytes),
  }
}

async function prepareFolder(
  files: RecordingFiles,
  folder: string,
  minimumFreeBytes: number,
): Promise<void> {
  const day = dirname(folder)
  await makeFolder(files, day, true)
  const space = await checkFreeSpace(day, minimumFreeBytes)
  if (space.kind === 'low') {
    throw new RecorderError(
      'ERR_RECORDER_NO_SPACE',
      `only ${space.freeBytes} bytes are free for recordings, ${minimumFreeBytes} are needed`,
    )
  }
  // Not recursive: a folder that is already there belongs to another recording.
  await makeFolder(files, folder, false)
}

async function makeFolder(files: RecordingFiles, path: string, recursive: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  files.mkdir(path, { recursive, mode: 0o700 }, (error) =>
    error === null ? resolve() : reject(error),
  )
  await promise
}
