import type { FileOperation } from '../../decide/request.ts'
import type { GitService } from '../../decide/match/git.ts'

/** What the command of a transfer program asks for. */
export type FileCommand =
  | {
      readonly kind: 'files'
      readonly via: 'scp' | 'rsync'
      /** All that it could do; each must be allowed. */
      readonly operations: readonly FileOperation[]
      /** The command, printed anew. */
      readonly send: string
    }
  | {
      readonly kind: 'git'
      readonly via: 'git'
      readonly service: GitService
      readonly repo: string
      readonly send: string
    }
  | { readonly kind: 'refused'; readonly via: 'scp' | 'rsync' | 'git'; readonly reason: string }

/** Returns a refusal of a command of a transfer program. */
export function refused(via: 'scp' | 'rsync' | 'git', reason: string): FileCommand {
  return { kind: 'refused', via, reason }
}
