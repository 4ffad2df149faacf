import { clampTerm, parseTermSize } from '../asciicast/term.ts'
import { TextScreen } from '../text/index.ts'
import { castLines } from '../view/cast-lines.ts'

/** A stretch of what a channel put out; `offset` is where it stands in the recording, in seconds. */
export interface TextPart {
  readonly offset: number
  readonly text: string
}

/** How much of a recording can be searched. */
export interface TextLimits {
  /** Bytes of the file that are read. */
  readonly bytes: number
  /** Characters that are kept. */
  readonly characters: number
}

const LONGEST_PART = 2048
/** Lines that came closer together than this are one part, in seconds. */
const APART = 1

/**
 * Returns the text that could be read in a recorded channel: what its terminal showed, escape
 * sequences obeyed and gone, in parts that begin at the second they were seen. `pause` is awaited
 * between pieces of the file, so that whoever calls can do something else meanwhile.
 */
export async function castText(
  chunks: AsyncIterable<Uint8Array>,
  limits: TextLimits,
  pause: () => Promise<void>,
): Promise<readonly TextPart[]> {
  const parts = createParts(limits.characters)
  let screens: Readonly<Record<'out' | 'error', TextScreen>> | undefined
  let stream: 'out' | 'error' | 'input' = 'out'
  let microseconds = 0
  for await (const lines of castLines(within(chunks, limits.bytes))) {
    for (const line of lines) {
      if (line.kind === 'header') {
        const { cols, rows } = line.header?.term ?? clampTerm(0, 0)
        const pty = line.header?.sallyport?.pty ?? true
        const size = pty ? clampTerm(cols, rows) : { cols: 4096, rows: 4 }
        const screen = (): TextScreen => new TextScreen({ ...size, pty, line: parts.add })
        screens = { out: screen(), error: screen() }
        continue
      }
      microseconds += Math.round(line.interval * 1e6)
      if (line.code === 's') stream = streamName(line.text)
      if (line.code === 'o' && stream !== 'input') {
        screens?.[stream].write(line.text, microseconds / 1e6)
      }
      const size = line.code === 'r' ? parseTermSize(line.text) : undefined
      if (size !== undefined) screens?.out.resize(size.cols, size.rows)
    }
    if (parts.isFull() || screens?.out.isWorking === false) break
    await pause()
  }
  screens?.out.end()
  screens?.error.end()
  return parts.all()
}

function streamName(text: string): 'out' | 'error' | 'input' {
  if (text === '0') return 'input'
  return text === '2' ? 'error' : 'out'
}

async function* within(
  chunks: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = most
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

/** Gathers lines to parts, until there are `most` characters. */
function createParts(most: number): {
  readonly add: (line: { readonly time: number; readonly text: string }) => void
  readonly isFull: () => boolean
  readonly all: () => readonly TextPart[]
} {
  const parts: { readonly offset: number; text: string }[] = []
  let left = most
  return {
    add({ time, text }) {
      if (left <= 0) return
      const kept = text.slice(0, left).toWellFormed()
      left -= kept.length + 1
      const last = parts.at(-1)
      const isNear = last !== undefined && Math.abs(time - last.offset) < APART
      if (isNear && last.text.length + kept.length < LONGEST_PART) last.text += `\n${kept}`
      else parts.push({ offset: time, text: kept })
    },
    isFull: () => left <= 0,
    all: () => parts,
  }
}
