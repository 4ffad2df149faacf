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

/**
 * Returns whether a word that should be refused could name a path under a pattern: also behind what
 * stands before its first slash, as in `-f/etc/x` or `file:///etc/x`, and where it climbs with `..`
 * from a folder that nobody knows.
 */
export function couldNamePath(pattern: PathPattern, word: string): boolean {
  const slash = word.indexOf('/')
  if (slash < 0) return false
  if (couldReachPath(pattern, word.slice(slash))) return true
  const climbed = afterClimbing(word)
  return (
    climbed.length > 0 &&
    pattern.segments.some((_, at) => matchesSegments(pattern.segments.slice(at), climbed, true))
  )
}

// What is left of a relative path once it has left the folder that it starts from; nothing where it does not.
function afterClimbing(path: string): readonly string[] {
  const left: string[] = []
  let climbs = false
  for (const segment of segmentsOf(path)) {
    if (segment !== '..') left.push(segment)
    else if (left.pop() === undefined) climbs = true
  }
  return climbs && !path.startsWith('/') ? left : []
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
