import { isUtf8 } from 'node:buffer'
import type { CastHeader } from '../asciicast/cast.ts'
import { type DecodedLine, decodeLine } from '../asciicast/decode.ts'
import { decodeHeader } from '../asciicast/decode-header.ts'
import { LineSplitter, type SplitLine } from '../asciicast/lines.ts'

/** What a line of a file holds; `header` comes first, once, and is undefined when unreadable. */
export type CastLine =
  | { readonly kind: 'header'; readonly header: CastHeader | undefined }
  | {
      readonly kind: 'event'
      readonly interval: number
      readonly code: string
      readonly text: string
    }

/** Yields the good lines of a cast file, in lists of those that a chunk brought. */
export async function* castLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly CastLine[], void, undefined> {
  const splitter = new LineSplitter()
  let first = true
  for await (const chunk of chunks) {
    const lines: CastLine[] = []
    for (const split of splitter.push(chunk)) {
      if (first) {
        lines.push({ kind: 'header', header: headerIn(split) })
        first = false
        continue
      }
      const decoded = eventIn(split)
      if (decoded.kind === 'event') lines.push(decoded)
    }
    yield lines
  }
  if (first) yield [{ kind: 'header', header: undefined }]
}

function headerIn(split: SplitLine): CastHeader | undefined {
  if (split.kind === 'oversize' || !isUtf8(split.bytes)) return undefined
  const decoded = decodeHeader(split.bytes.toString('utf8'))
  return decoded.kind === 'header' ? decoded.header : undefined
}

function eventIn(split: SplitLine): DecodedLine {
  if (split.kind === 'oversize' || !isUtf8(split.bytes)) return { kind: 'bad', reason: 'not text' }
  return decodeLine(split.bytes.toString('utf8'))
}
