import type { FileOperation } from '../../decide/request.ts'

/** The answer of a policy to one operation. */
export type FileVerdict =
  | {
      readonly allowed: true
      readonly rule: string
      /** The most that a file which is written may come to hold. */
      readonly maxBytes?: number | undefined
    }
  | { readonly allowed: false; readonly rule: string; readonly message: string }

export type JudgeFile = (operation: FileOperation) => FileVerdict

/** What is kept of an operation. */
export type FileEvent =
  /** It was judged; an allowed one goes to the target after this. */
  | {
      readonly kind: 'judged'
      readonly operation: FileOperation
      readonly allowed: boolean
      readonly rule: string
      /** Why it was refused. */
      readonly message?: string
    }
  /** A file that was opened for reading or writing was closed, or the channel ended. */
  | {
      readonly kind: 'transferred'
      readonly op: 'read' | 'write'
      readonly path: string
      readonly rule: string
      readonly bytes: number
      /** Hexadecimal, where all of the content passed in order from its first byte, and nothing failed. */
      readonly sha256?: string
    }

export interface SftpLimits {
  /** Files and folders that are open at once. */
  readonly handles: number
  /** Requests that are not answered yet. */
  readonly requests: number
}

/** OpenSSH's own server has no more handles; its client has 64 requests on their way. */
export const defaultLimits: SftpLimits = { handles: 1024, requests: 4096 }
