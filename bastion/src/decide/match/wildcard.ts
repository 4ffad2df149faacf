export interface WildcardOptions {
  /** Characters that `*` and `?` never cross. */
  readonly separators: string
  /** True when `*` and `?` may stand for a dot at the start of a segment, as in `.ssh`. */
  readonly leadingDot: boolean
}

/**
 * Returns whether the whole text matches a pattern of `*` (any run, also empty), `?` (one character)
 * and characters that stand for themselves. No regular expression is built, so the time is at most
 * the product of the two lengths.
 */
export function matchesWildcard(pattern: string, text: string, options: WildcardOptions): boolean {
  let inPattern = 0
  let inText = 0
  let star = -1
  let resume = 0
  while (inText < text.length) {
    const wanted = pattern.charAt(inPattern)
    if (wanted === '*') {
      star = inPattern
      resume = inText
      inPattern += 1
    } else if (
      wanted === '?'
        ? mayCover(text, inText, options)
        : isSame(pattern, inPattern, text, inText, options)
    ) {
      inPattern += 1
      inText += 1
    } else if (star >= 0 && mayCover(text, resume, options)) {
      // Only the latest star can usefully grow: no star crosses a separator, and within one segment
      // an earlier star gains nothing that the latest could not.
      resume += 1
      inText = resume
      inPattern = star + 1
    } else {
      return false
    }
  }
  while (pattern.charAt(inPattern) === '*') inPattern += 1
  return inPattern === pattern.length
}

function mayCover(text: string, at: number, options: WildcardOptions): boolean {
  if (options.separators.includes(text.charAt(at))) return false
  return options.leadingDot || !isLeadingDot(text, at, options)
}

// As in a shell, `*.log` is not `.log`: a leading dot must lead in the pattern too.
function isSame(
  pattern: string,
  inPattern: number,
  text: string,
  inText: number,
  options: WildcardOptions,
): boolean {
  if (pattern.charAt(inPattern) !== text.charAt(inText)) return false
  if (options.leadingDot || !isLeadingDot(text, inText, options)) return true
  return isLeadingDot(pattern, inPattern, options)
}

function isLeadingDot(text: string, at: number, options: WildcardOptions): boolean {
  if (text.charAt(at) !== '.') return false
  return at === 0 || options.separators.includes(text.charAt(at - 1))
}
