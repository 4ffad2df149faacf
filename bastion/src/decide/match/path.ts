import { matchesWildcard } from './wildcard.ts'

export interface PathPattern {
  readonly segments: readonly string[]
}

/** Returns the pattern of an absolute path in which `**` stands for whole segments. */
export function compilePath(pattern: string): PathPattern {
  return { segments: segmentsOf(pattern) }
}

/**
 * Returns whether a path that may be acted on lies under a pattern: it must be absolute, repeated and
 * trailing slashes and `.` are ignored, and `..` never matches, since on the target it may lead
 * through a symbolic link. Wildcards do not cover names that begin with a dot.
 */
export function allowsPath(pattern: PathPattern, path: string): boolean {
  if (!path.startsWith('/') || path.includes('\n')) return false
  const segments = segmentsOf(path)
  return !segments.includes('..') && matchesSegments(pattern.segments, segments, false)
}

/** Returns whether a path that should be refused could lie under a pattern: `..` is resolved. */
export function couldReachPath(pattern: PathPattern, path: string): boolean {
  if (!path.startsWith('/')) return false
  const resolved: string[] = []
  for (const segment of segmentsOf(path)) {
    if (segment === '..') resolved.pop()
    else resolved.push(segment)
  }
  return matchesSegments(pattern.segments, resolved, true)
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.')
}

function matchesSegments(
  pattern: readonly string[],
  path: readonly string[],
  leadingDot: boolean,
): boolean {
  let inPattern = 0
  let inPath = 0
  let stars = -1
  let resume = 0
  while (inPath < path.length) {
    const wanted = pattern[inPattern]
    const segment = path[inPath] ?? ''
    if (wanted === '**') {
      stars = inPattern
      // At the end it stands for something below a folder, never for the folder itself.
      resume = inPattern === pattern.length - 1 ? inPath + 1 : inPath
      if (resume > inPath && !mayCross(segment, leadingDot)) return false
      inPath = resume
      inPattern += 1
    } else if (
      wanted !== undefined &&
      matchesWildcard(wanted, segment, { separators: '', leadingDot })
    ) {
      inPattern += 1
      inPath += 1
    } else if (stars >= 0 && mayCross(path[resume] ?? '', leadingDot)) {
      resume += 1
      inPath = resume
      inPattern = stars + 1
    } else {
      return false
    }
  }
  return inPattern === pattern.length
}

function mayCross(segment: string, leadingDot: boolean): boolean {
  return leadingDot || !segment.startsWith('.')
}
