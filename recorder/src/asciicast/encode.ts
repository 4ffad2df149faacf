import type { CastHeader } from './cast.ts'
import { clampTerm } from './term.ts'

/** Returns the header line, newline included; the terminal size is clamped. */
export function encodeHeader(header: CastHeader): string {
  const term = { ...header.term, ...clampTerm(header.term.cols, header.term.rows) }
  return `${JSON.stringify({ ...header, term })}\n`
}

/** Returns one event line, newline included; `interval` is decimal seconds. */
export function encodeEvent(interval: string | number, code: string, text: string): string {
  return `[${interval},"${code}",${JSON.stringify(text)}]\n`
}
