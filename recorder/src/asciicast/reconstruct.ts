import type { CastEvent, ChannelTotals, StreamNumber } from './cast.ts'
import { decodeGap, decodeNote } from './decode-details.ts'

/** The exact bytes of each stream, as far as they were kept. */
export interface ReconstructedStreams {
  readonly stdin: Buffer
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** Sizes and SHA-256 of the whole streams; missing when the recording has no proper end. */
  readonly totals?: ChannelTotals
  /** What each stream may have grown to while its bytes were not kept: an upper bound. */
  readonly upTo: Readonly<Record<StreamNumber, number>>
}

/**
 * Returns the bytes that went through the channel, from its events. Text stands for its own UTF-8
 * bytes, unless a `b` event follows it directly and gives the true ones; a `b` event anywhere else
 * is output of its own; bytes that a `held` note names count until the stream's next output, which
 * repeats them.
 */
export function reconstruct(cast: { readonly events: readonly CastEvent[] }): ReconstructedStreams {
  const kept: Record<StreamNumber, Buffer[]> = { 0: [], 1: [], 2: [] }
  const held: Record<StreamNumber, Buffer | undefined> = {
    0: undefined,
    1: undefined,
    2: undefined,
  }
  const upTo: Record<StreamNumber, number> = { 0: 0, 1: 0, 2: 0 }
  let current: StreamNumber = 1
  let totals: ChannelTotals | undefined
  let textBefore = false
  const append = (bytes: Buffer): void => {
    kept[current].push(bytes)
    held[current] = undefined
  }
  for (const { code, text } of cast.events) {
    const afterText = textBefore
    textBefore = code === 'o' || code === 'i'
    switch (code) {
      case 's':
        current = text === '0' ? 0 : text === '2' ? 2 : 1
        break
      case 'o':
      case 'i':
        append(Buffer.from(text, 'utf8'))
        break
      case 'b':
        if (afterText) kept[current].pop()
        append(Buffer.from(text, 'base64'))
        break
      case 'g': {
        const gap = decodeGap(text)
        if (gap?.kind === 'omitting') upTo[gap.stream] = Math.max(upTo[gap.stream], gap.upTo)
        break
      }
      case 'n': {
        const note = decodeNote(text)
        if (note?.kind === 'held') held[note.stream] = Buffer.from(note.base64, 'base64')
        if (note?.kind === 'end') totals = note.totals
        break
      }
    }
  }
  return {
    stdin: joined(kept[0], held[0]),
    stdout: joined(kept[1], held[1]),
    stderr: joined(kept[2], held[2]),
    ...(totals === undefined ? {} : { totals }),
    upTo,
  }
}

function joined(kept: readonly Buffer[], held: Buffer | undefined): Buffer {
  return Buffer.concat(held === undefined ? kept : [...kept, held])
}
