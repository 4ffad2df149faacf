import type { Effect } from '../decision.ts'
import type { FileOperation, FileVia } from '../request.ts'
import { compilePath, type PathPattern } from './path.ts'
import { coversBelow, coversPath, reachesBelow, unspelled } from './tree.ts'

/** How a policy describes operations on files. */
export interface FilesPattern {
  readonly via?: readonly FileVia[] | undefined
  readonly ops?: readonly FileOperation['op'][] | undefined
  readonly paths: readonly string[]
  /** A number of bytes, alone or in KiB, MiB, GiB. */
  readonly max_bytes?: number | string | undefined
  readonly deny_modes?: readonly RefusedMode[] | undefined
  /** Whether wildcards also stand for names that begin with a dot. */
  readonly hidden?: boolean | undefined
}

export type RefusedMode = 'setuid' | 'setgid' | 'sticky' | 'world-writable'

export interface FilesMatcher {
  /** The most that a file which is written may hold. */
  readonly maxBytes: number | undefined
  readonly speaksOf: (via: FileVia) => boolean
  /** Returns why an operation does not match, or undefined when it does. */
  readonly refuse: (via: FileVia, operation: FileOperation) => string | undefined
}

const modes: Readonly<Record<RefusedMode, number>> = {
  setuid: 0o4000,
  setgid: 0o2000,
  sticky: 0o1000,
  'world-writable': 0o0002,
}

const unit = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

/**
 * Returns the matcher for operations on files. To allow, a pattern is narrow: both paths of an operation
 * must lie under it, and a whole tree only where everything in it surely does. To deny, it is wide: one
 * path is enough, and so is anything below a folder that is moved, linked to or taken as a whole.
 */
export function compileFiles(pattern: FilesPattern, effect: Effect): FilesMatcher {
  const via = pattern.via ?? (effect === 'deny' ? ['sftp', 'scp', 'rsync'] : ['sftp'])
  const paths = pattern.paths.map(compilePath)
  const misfit =
    effect === 'deny'
      ? (operation: FileOperation) => misfitToDeny(paths, operation)
      : (operation: FileOperation) => misfitToAllow(pattern, paths, operation)
  return {
    maxBytes: readSize(pattern.max_bytes),
    speaksOf: (asked) => via.includes(asked),
    refuse(asked, operation) {
      if (!via.includes(asked)) return `via ${via.join(', ')}`
      if (pattern.ops !== undefined && !pattern.ops.includes(operation.op))
        return pattern.ops.join(', ')
      return misfit(operation)
    },
  }
}

/** Returns a size in bytes; `undefined` for what is none. */
export function readSize(size: number | string | undefined): number | undefined {
  if (typeof size !== 'string') return size
  const [, count = '', name = ''] = /^([0-9]{1,12})(KiB|MiB|GiB)$/.exec(size) ?? []
  if (name !== 'KiB' && name !== 'MiB' && name !== 'GiB') return undefined
  return Number(count) * unit[name]
}

function misfitToAllow(
  pattern: FilesPattern,
  paths: readonly PathPattern[],
  { path, to, mode, subtree }: FileOperation,
): string | undefined {
  const hidden = pattern.hidden === true
  const covered = [path, ...(to === undefined ? [] : [to])].every(
    (one) =>
      paths.some(
        (allowed) => coversPath(allowed, one, hidden) && unspelled(allowed, one) === undefined,
      ) &&
      // A tree may hold names that begin with a dot, and nobody can look at them before it is moved.
      (subtree !== true || (hidden && paths.some((allowed) => coversBelow(allowed, one)))),
  )
  if (!covered)
    return subtree === true
      ? `a tree under ${pattern.paths.join(', ')}${hidden ? '' : ' with hidden: true'}`
      : `paths under ${pattern.paths.join(', ')}`
  const refused = (pattern.deny_modes ?? []).find((name) => ((mode ?? 0) & modes[name]) !== 0)
  return refused === undefined ? undefined : `a mode that is not ${refused}`
}

function misfitToDeny(
  paths: readonly PathPattern[],
  { op, path, to, subtree }: FileOperation,
): string | undefined {
  const reaches = (one: string, whole: boolean): boolean =>
    paths.some((denied) => (whole ? reachesBelow(denied, one) : coversPath(denied, one, true)))
  // What lies below a folder goes where the folder goes, and a link to a folder leads to all of it. Servers do not agree
  // which path of a symbolic link is which.
  const moves = op === 'rename' || op === 'hardlink' || op === 'symlink'
  const denied =
    reaches(path, subtree === true || op === 'rename' || op === 'symlink') ||
    (to !== undefined && reaches(to, subtree === true || moves))
  return denied ? undefined : 'other paths'
}
