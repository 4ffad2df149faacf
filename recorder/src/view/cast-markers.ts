import { decodeGap, decodeNote } from '../asciicast/decode-details.ts'
import { parseObject } from '../asciicast/decode-header.ts'
import { castLines } from './cast-lines.ts'
import { gapText } from './gap-text.ts'
import { plainText } from './plain-text.ts'

/** What a reviewer may jump to. */
export type MarkerKind = 'allow' | 'deny' | 'not-judged' | 'marker' | 'gap' | 'exit' | 'interrupted'

/** A place in a recording; `time` is in seconds since its start, `label` is safe to show. */
export interface CastMarker {
  readonly time: number
  readonly label: string
  readonly kind: MarkerKind
}

/** Returns the places in a recorded cast that a reviewer may jump to, in order. */
export async function castMarkers(chunks: AsyncIterable<Uint8Array>): Promise<CastMarker[]> {
  const markers: CastMarker[] = []
  const finder = new MarkerFinder()
  let microseconds = 0
  for await (const lines of castLines(chunks)) {
    for (const line of lines) {
      if (line.kind === 'header') continue
      microseconds += Math.round(line.interval * 1e6)
      const found = finder.event(line.code, line.text)
      if (found !== undefined) markers.push({ time: microseconds / 1e6, ...found })
    }
  }
  return markers
}

/** Finds the places among recorded events, which it is given in order. */
export class MarkerFinder {
  readonly #clean: (label: string) => string
  #verdict: MarkerKind = 'marker'
  #omitting = false

  /** `clean` makes a label safe to show, where whoever shows it does not. */
  constructor(clean: (label: string) => string = plainText) {
    this.#clean = clean
  }

  event(code: string, text: string): Omit<CastMarker, 'time'> | undefined {
    switch (code) {
      case 'c':
        this.#verdict = verdictIn(text)
        return undefined
      case 'm': {
        const kind = this.#verdict
        this.#verdict = 'marker'
        return { label: this.#clean(text), kind }
      }
      case 'x':
        return { label: `exit ${this.#clean(text)}`, kind: 'exit' }
      case 'g': {
        const gap = decodeGap(text)
        if (gap === undefined || (gap.kind === 'omitting' && this.#omitting)) return undefined
        this.#omitting ||= gap.kind === 'omitting'
        return { label: gapText(gap), kind: 'gap' }
      }
      case 'n':
        if (decodeNote(text)?.kind !== 'interrupted') return undefined
        return { label: 'interrupted', kind: 'interrupted' }
      default:
        return undefined
    }
  }
}

function verdictIn(text: string): MarkerKind {
  const decision = parseObject(text)
  if (decision?.['effect'] === 'deny') return 'deny'
  if (decision?.['effect'] !== 'allow') return 'marker'
  return decision['judged'] === false ? 'not-judged' : 'allow'
}
