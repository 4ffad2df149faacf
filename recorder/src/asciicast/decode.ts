import { isUtf8 } from 'node:buffer'
import { RecorderError } from '../errors.ts'
import type { CastEvent, CastHeader } from './cast.ts'
import { decodeHeader } from './decode-header.ts'
import { LineSplitter } from './lines.ts'

/** What one line after the header holds. */
export type DecodedLine =
  | {
      readonly kind: 'event'
      readonly interval: number
      readonly code: string
      readonly text: string
    }
  | { readonly kind: 'comment' }
  | { readonly kind: 'bad'; readonly reason: string }

/** A line that could not be used; lines count from 1. */
export interface CastProblem {
  readonly line: number
  readonly reason: string
}

/** A decoded cast. `header` is missing when the first line is no header (never in strict mode). */
export interface Cast {
  readonly header?: CastHeader
  readonly events: readonly CastEvent[]
  /** The bytes after the last newline, when there are any: a write that was cut off. */
  readonly torn?: Buffer
  readonly problems: readonly CastProblem[]
}

/**
 * Returns the cast in `source`, given whole or in chunks. Comments are skipped, unknown codes of
 * one character are kept, and an unfinished last line is reported in `torn`. Other bad lines are
 * listed in `problems`, or in strict mode thrown (ERR_RECORDER_CAST_INVALID).
 */
export function decodeCast(
  source: string | Uint8Array | Iterable<Uint8Array>,
  options: { readonly strict?: boolean } = {},
): Cast {
  const splitter = new LineSplitter()
  const events: CastEvent[] = []
  const problems: CastProblem[] = []
  let header: CastHeader | undefined
  let line = 0
  let microseconds = 0
  const reject = (reason: string): void => {
    if (options.strict === true) throw invalid(line, reason)
    problems.push({ line, reason })
  }
  for (const chunk of chunksOf(source)) {
    for (const split of splitter.push(chunk)) {
      line += 1
      if (split.kind === 'oversize') {
        reject(`the line is ${split.length} bytes long`)
      } else if (!isUtf8(split.bytes)) {
        reject('the line is not UTF-8')
      } else if (line === 1) {
        const decoded = decodeHeader(split.bytes.toString('utf8'))
        if (decoded.kind === 'bad') reject(decoded.reason)
        else header = decoded.header
      } else {
        const decoded = decodeLine(split.bytes.toString('utf8'))
        if (decoded.kind === 'bad') reject(decoded.reason)
        if (decoded.kind !== 'event') continue
        microseconds += Math.round(decoded.interval * 1e6)
        const { interval, code, text } = decoded
        events.push({ interval, time: microseconds / 1e6, code, text })
      }
    }
  }
  if (line === 0) {
    line = 1
    reject('there is no header')
  }
  const torn = splitter.rest
  return {
    ...(header === undefined ? {} : { header }),
    events,
    ...(torn.length === 0 ? {} : { torn }),
    problems,
  }
}

/** Returns what a line after the header holds; `line` comes without its newline. */
export function decodeLine(line: string): DecodedLine {
  if (line.startsWith('#')) return { kind: 'comment' }
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { kind: 'bad', reason: 'the line is not JSON' }
  }
  if (!Array.isArray(value) || value.length !== 3) {
    return { kind: 'bad', reason: 'the event is not an array of three' }
  }
  const [interval, code, text] = value as [unknown, unknown, unknown]
  if (typeof interval !== 'number' || !Number.isFinite(interval) || interval < 0) {
    return { kind: 'bad', reason: 'the interval is not a number of seconds from 0' }
  }
  if (typeof code !== 'string' || !/^.$/su.test(code)) {
    return { kind: 'bad', reason: 'the code is not one character' }
  }
  if (typeof text !== 'string') return { kind: 'bad', reason: 'the event holds no string' }
  return { kind: 'event', interval, code, text }
}

function chunksOf(source: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof source === 'string') return [Buffer.from(source, 'utf8')]
  return source instanceof Uint8Array ? [source] : source
}

function invalid(line: number, reason: string): RecorderError {
  return new RecorderError('ERR_RECORDER_CAST_INVALID', `line ${line} of the cast: ${reason}`)
}
