import { isUtf8 } from 'node:buffer'
import type { CastHeader } from '../asciicast/cast.ts'
import { decodeLine } from '../asciicast/decode.ts'
import { decodeHeader } from '../asciicast/decode-header.ts'
import { LineSplitter, type SplitLine } from '../asciicast/lines.ts'

/** What a line of a cast file holds; `from` is where it begins in the file. */
export type NumberedLine =
  | { readonly kind: 'header'; readonly from: number; readonly header: CastHeader | undefined }
  | {
      readonly kind: 'event'
      readonly from: number
      readonly interval: number
      readonly code: string
      readonly text: string
    }
  | { readonly kind: 'comment' | 'bad'; readonly from: number }
  /** The bytes after the last newline. */
  | { readonly kind: 'torn'; readonly from: number; readonly bytes: number }

/** Yields the lines of a cast file that begin at `start` or later, in lists of those that a chunk brought. */
export async function* numberedLines(
  chunks: AsyncIterable<Uint8Array>,
  start = 0,
): AsyncGenerator<readonly NumberedLine[], void, undefined> {
  const splitter = new LineSplitter()
  let from = start
  for await (const chunk of chunks) {
    const lines: NumberedLine[] = []
    for (const split of splitter.push(chunk)) {
      lines.push(from === 0 ? header(split) : event(split, from))
      from += (split.kind === 'line' ? split.bytes.length : split.length) + 1
    }
    yield lines
  }
  const bytes = splitter.rest.length
  if (bytes > 0) yield [{ kind: 'torn', from, bytes }]
}

function header(split: SplitLine): NumberedLine {
  const text = textOf(split)
  const decoded = text === undefined ? undefined : decodeHeader(text)
  return {
    kind: 'header',
    from: 0,
    header: decoded?.kind === 'header' ? decoded.header : undefined,
  }
}

function event(split: SplitLine, from: number): NumberedLine {
  const text = textOf(split)
  const decoded = text === undefined ? undefined : decodeLine(text)
  if (decoded === undefined || decoded.kind === 'bad') return { kind: 'bad', from }
  return decoded.kind === 'comment' ? { kind: 'comment', from } : { ...decoded, from }
}

function textOf(split: SplitLine): string | undefined {
  if (split.kind === 'oversize' || !isUtf8(split.bytes)) return undefined
  return split.bytes.toString('utf8')
}
