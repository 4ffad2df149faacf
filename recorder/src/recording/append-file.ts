import { RecorderError, type RecorderErrorCode } from '../errors.ts'
import { ByteBuffer } from './byte-buffer.ts'
import type { Disk } from './disk.ts'

/** More than this waiting for a disk that should have failed by now would only be lost later. */
const PENDING_LIMIT = 64 * 1024 * 1024

/** How often the loop must have come round, over the whole limit, before a disk is given up. */
const LOOKS = 10

/** What an append-only file needs. */
export interface AppendFileOptions {
  readonly disk: Disk
  /** Opens the file; called at once. */
  readonly open: () => Promise<number>
  /** Adds what must still go into the batch that is about to be written. */
  readonly beforeWrite: () => void
  readonly onWritten: (seq: number) => void
  readonly onFailure: (error: RecorderError) => void
}

/**
 * An append-only file that is written in numbered batches.
 *
 * Invariants: at most one operation on the file is under way; a batch is reported written, once and
 * in order, after all of its bytes were; after a failure nothing is reported or kept any more; the
 * file is closed only when no operation is under way on it, however late that is.
 */
export class AppendFile {
  /** The batch that is being collected. */
  readonly batch: ByteBuffer
  readonly #options: AppendFileOptions
  readonly #disk: Disk
  readonly #holdTimer: NodeJS.Timeout
  #fd: number | undefined
  #sequence = 1
  #dirty = false
  #scheduled = false
  #busy = true
  #operation = 0
  /** How often the operation that is under way was found to be. */
  #looks = 0
  #inFlightBytes = 0
  #writtenBytes = 0
  #failure: RecorderError | undefined
  #closed: Promise<void> | undefined
  #resolveClosed: (() => void) | undefined

  constructor(options: AppendFileOptions) {
    this.#options = options
    this.#disk = options.disk
    this.batch = new ByteBuffer(this.#disk.pool)
    this.#holdTimer = setTimeout(this.#checkHold, this.#disk.holdLimitMs / LOOKS).unref()
    options.open().then(
      (fd) => {
        this.#fd = fd
        if (this.#failure === undefined) this.#settle()
        else this.#abandon()
      },
      (error: unknown) => this.#fail(openError(error)),
    )
  }

  get failure(): RecorderError | undefined {
    return this.#failure
  }

  /** Number of the batch that is being collected. */
  get sequence(): number {
    return this.#sequence
  }

  /** Bytes that are not reported written yet; none after a failure. */
  get pendingBytes(): number {
    return this.batch.length + this.#inFlightBytes
  }

  /** Size of the file: bytes that were reported written. */
  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** Marks the batch for writing, at the end of this turn or when the disk is free. */
  touch(): number {
    if (this.#failure !== undefined) return this.#sequence
    this.#dirty = true
    if (this.pendingBytes > PENDING_LIMIT) {
      this.#fail(new RecorderError('ERR_RECORDER_OVERFLOW', 'too much is waiting to be recorded'))
    } else if (!this.#busy && !this.#scheduled) {
      this.#scheduled = true
      this.#disk.atEndOfTurn(this.#writeBatch)
    }
    return this.#sequence
  }

  /** Ends the file after all that was added; resolves also when it failed, see `failure`. */
  async close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#resolveClosed = resolve
      if (this.#failure !== undefined) resolve()
      else if (!this.#busy && !this.#dirty) this.#finish()
    })
    await this.#closed
  }

  readonly #writeBatch = (): void => {
    this.#scheduled = false
    const fd = this.#fd
    if (this.#busy || !this.#dirty || fd === undefined || this.#failure !== undefined) return
    this.#options.beforeWrite()
    const seq = this.#sequence
    this.#sequence += 1
    this.#dirty = false
    const taken = this.batch.detach()
    if (taken === undefined) {
      this.#options.onWritten(seq)
      if (!this.#dirty) this.#settle()
      return
    }
    const { bytes, length } = taken
    if (this.#writeAtOnce(fd, seq, bytes, length)) return
    this.#inFlightBytes = length
    this.#begin()
    this.#disk.files.write(fd, bytes, 0, length, null, (error, written) => {
      this.#disk.pool.give(bytes)
      if (this.#failure !== undefined) return this.#abandon()
      if (error !== null) return this.#fail(writeError(error), true)
      this.#wrote(seq, written, length)
    })
  }

  /** Writes a small batch without a thread; false when it should go the long way. */
  #writeAtOnce(fd: number, seq: number, bytes: Buffer, length: number): boolean {
    const { smallWrites, pool } = this.#disk
    let written: number | undefined
    try {
      written = smallWrites.attempt(fd, bytes, length)
    } catch (error) {
      pool.give(bytes)
      this.#fail(writeError(error), true)
      return true
    }
    if (written === undefined) return false
    pool.give(bytes)
    this.#wrote(seq, written, length)
    return true
  }

  #wrote(seq: number, written: number, length: number): void {
    if (written !== length) return this.#fail(shortWrite(written, length), true)
    this.#inFlightBytes = 0
    this.#writtenBytes += length
    this.#busy = false
    this.#options.onWritten(seq)
    this.#settle()
  }

  /** Goes on with what waited for the operation that just ended. */
  #settle(): void {
    this.#busy = false
    if (this.#failure !== undefined) return
    if (this.#dirty) this.#writeBatch()
    else if (this.#resolveClosed !== undefined) this.#finish()
  }

  #finish(): void {
    const fd = this.#fd
    if (fd === undefined) return
    this.#begin()
    this.#disk.files.fdatasync(fd, (error) => {
      if (this.#failure !== undefined) return this.#abandon()
      if (error !== null) return this.#fail(writeError(error), true)
      this.#fd = undefined
      this.#disk.files.close(fd, (closeError) => {
        this.#busy = false
        if (closeError !== null) this.#fail(writeError(closeError))
        clearTimeout(this.#holdTimer)
        this.#resolveClosed?.()
      })
    })
  }

  #begin(): void {
    this.#busy = true
    this.#operation += 1
    this.#looks = 0
    this.#holdTimer.refresh()
  }

  // A loop that was blocked for long runs its timers before it hears that the write had ended, so each look comes after
  // the loop's poll phase; and to open a file is several steps, of which the loop hears one each time it comes round.
  readonly #checkHold = (): void => {
    const operation = this.#operation
    setImmediate(() => {
      if (!this.#busy || this.#operation !== operation || this.#failure !== undefined) return
      this.#looks += 1
      if (this.#looks < LOOKS) {
        this.#holdTimer.refresh()
        return
      }
      this.#fail(
        new RecorderError(
          'ERR_RECORDER_HOLD',
          `the recording's disk did not answer within ${this.#disk.holdLimitMs} ms`,
        ),
      )
    })
  }

  #fail(error: RecorderError, operationEnded = false): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#inFlightBytes = 0
    clearTimeout(this.#holdTimer)
    const dropped = this.batch.detach()
    if (dropped !== undefined) this.#disk.pool.give(dropped.bytes)
    if (operationEnded || !this.#busy) this.#abandon()
    this.#options.onFailure(error)
    this.#resolveClosed?.()
  }

  /** Closes the file of a failed recording, now that nothing is under way on it. */
  #abandon(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) this.#disk.files.close(fd, () => undefined)
  }
}

function openError(error: unknown): RecorderError {
  if (error instanceof RecorderError) return error
  const code = errorCode(error)
  if (code === 'EEXIST') {
    return new RecorderError('ERR_RECORDER_EXISTS', 'a recording of this name exists', error)
  }
  return new RecorderError(
    spaceOr(code, 'ERR_RECORDER_OPEN'),
    'the recording cannot be opened',
    error,
  )
}

function writeError(error: unknown): RecorderError {
  const code = spaceOr(errorCode(error), 'ERR_RECORDER_WRITE')
  return new RecorderError(code, 'the recording cannot be written', error)
}

function shortWrite(written: number, length: number): RecorderError {
  const message = `only ${written} of ${length} bytes of the recording were written`
  return new RecorderError('ERR_RECORDER_SHORT_WRITE', message)
}

function spaceOr(code: string | undefined, otherwise: RecorderErrorCode): RecorderErrorCode {
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'ERR_RECORDER_NO_SPACE' : otherwise
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
