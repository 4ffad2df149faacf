/** A line that could be read on a screen; `time` is when the newest of its text was written. */
export interface ScreenLine {
  readonly time: number
  readonly text: string
}

const LONGEST_LINE = 4096
/** Full-screen programs write the same rows again and again. */
const REMEMBERED = 512

/**
 * Returns a function that passes lines on: those with text, in parts when they are long, and none
 * that was passed on lately.
 */
export function tellOnce(tell: (line: ScreenLine) => void): (text: string, time: number) => void {
  const told = new Set<string>()
  return (whole, time) => {
    for (let from = 0; from < whole.length; from += LONGEST_LINE) {
      const text = whole.slice(from, from + LONGEST_LINE).trimEnd()
      if (text === '' || told.has(text)) continue
      told.add(text)
      const [oldest] = told
      if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest)
      tell({ time, text })
    }
  }
}
