import type { FileOperation } from '../../decide/request.ts'
import type { Flight } from './flights.ts'
import type { OpenFiles } from './open-files.ts'
import { resolvePath } from './path.ts'
import { FX } from './protocol.ts'
import type { FileEvent, FileVerdict, JudgeFile, SftpLimits } from './roles.ts'

/** The agent is answered here, and the target hears nothing. */
export interface Refusal {
  readonly kind: 'refuse'
  readonly code: number
  readonly message: string
}

/** What becomes of a request: it goes on as we print it, or it is refused. */
export type Outcome =
  { readonly kind: 'pass'; readonly packet: Buffer; readonly flight: Flight } | Refusal

/** What the parts that read requests know. */
export interface Desk {
  readonly judge: JudgeFile
  readonly onOperation: (event: FileEvent) => void
  readonly limits: SftpLimits
  readonly files: OpenFiles
  /** The extensions that the target offered and that we judge. */
  offered: ReadonlySet<string>
  /** The login folder, as the target named it. */
  home: string | undefined
}

export function refuse(code: number, message: string): Refusal {
  return { kind: 'refuse', code, message }
}

export const noFile: Refusal = refuse(FX.FAILURE, 'no file is open under this handle')

export function pass(packet: Buffer, flight: Flight = { kind: 'status' }): Outcome {
  return { kind: 'pass', packet, flight }
}

/** Returns a path that may be judged and sent, or why there is none. */
export function pathAt(
  desk: Desk,
  raw: Uint8Array,
  folder: string | undefined = desk.home,
): string | Refusal {
  const resolved = resolvePath(raw, folder)
  return resolved.kind === 'path'
    ? resolved.path
    : refuse(FX.PERMISSION_DENIED, `denied: ${resolved.reason}`)
}

/** Asks for an operation and reports the answer before anything is sent. */
export function ask(desk: Desk, operation: FileOperation): FileVerdict {
  const verdict = desk.judge(operation)
  desk.onOperation(
    verdict.allowed
      ? { kind: 'judged', operation, allowed: true, rule: verdict.rule }
      : {
          kind: 'judged',
          operation,
          allowed: false,
          rule: verdict.rule,
          message: verdict.message,
        },
  )
  return verdict
}

/** Returns the refusal of the first operation that is not allowed. */
export function objection(
  desk: Desk,
  ...operations: readonly FileOperation[]
): Refusal | undefined {
  for (const operation of operations) {
    const verdict = ask(desk, operation)
    if (!verdict.allowed) return deniedBy(verdict)
  }
  return undefined
}

export function deniedBy(verdict: { readonly rule: string; readonly message: string }): Refusal {
  return refuse(FX.PERMISSION_DENIED, `denied by rule ${verdict.rule}: ${verdict.message}`)
}
