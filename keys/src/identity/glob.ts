type Step = { readonly kind: 'literal'; readonly char: string } | { readonly kind: 'star' | 'any' }

const control = /[\p{Cc}\u2028\u2029]/u

/**
 * Returns whether the whole of `text` fits `pattern`: `*` stands for any run without `/` and `:`, `**`
 * for any run, everything else for itself. Text with a line feed or another control never fits.
 *
 * Each character is looked at once per step of the pattern: no pattern can make it slow.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  if (control.test(text)) return false
  const steps = parse(pattern)
  // reached[i]: the characters so far fit the first i steps.
  let reached = skipStars(steps, [true, ...steps.map(() => false)])
  for (const char of text) {
    const next = [false, ...steps.map(() => false)]
    for (const [index, step] of steps.entries()) {
      if (reached[index] !== true) continue
      if (step.kind === 'literal') next[index + 1] ||= step.char === char
      else next[index] ||= step.kind === 'any' || (char !== '/' && char !== ':')
    }
    reached = skipStars(steps, next)
  }
  return reached[steps.length] === true
}

function parse(pattern: string): readonly Step[] {
  return (pattern.match(/\*\*|[^]/gu) ?? []).map((part): Step => {
    if (part === '**') return { kind: 'any' }
    return part === '*' ? { kind: 'star' } : { kind: 'literal', char: part }
  })
}

/** A star may stand for nothing. */
function skipStars(steps: readonly Step[], reached: boolean[]): boolean[] {
  for (const [index, step] of steps.entries()) {
    if (reached[index] === true && step.kind !== 'literal') reached[index + 1] = true
  }
  return reached
}
