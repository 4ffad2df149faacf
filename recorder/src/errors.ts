/** Every reason for which the recorder itself fails. */
export type RecorderErrorCode =
  | 'ERR_RECORDER_CAST_INVALID'
  | 'ERR_RECORDER_CATALOG_SCHEMA'
  | 'ERR_RECORDER_EXISTS'
  | 'ERR_RECORDER_HOLD'
  | 'ERR_RECORDER_NO_SPACE'
  | 'ERR_RECORDER_OPEN'
  | 'ERR_RECORDER_OUTLINE'
  | 'ERR_RECORDER_OVERFLOW'
  | 'ERR_RECORDER_SHORT_WRITE'
  | 'ERR_RECORDER_WRITE'

/** The one error class of this workspace: broken input or a broken disk, named by `code`. */
export class RecorderError extends Error {
  readonly code: RecorderErrorCode

  constructor(code: RecorderErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'RecorderError'
    this.code = code
  }
}
