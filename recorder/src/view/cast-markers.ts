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
  let microseconds = 0
  let verdict: MarkerKind = 'marker'
  let omitting = false
  for await (const lines of castLines(chunks)) {
    for (const line of lines) {
      if (line.kind === 'header') continue
      const { interval, code, text } = line
      microseconds += Math.round(interval * 1e6)
      const time = microseconds / 1e6
      switch (code) {
        case 'c':
          verdict = verdictIn(text)
          break
        case 'm':
          markers.push({ time, label: plainText(text), kind: verdict })
          verdict = 'marker'
          break
        case 'x':
          markers.push({ time, label: `exit ${plainText(text)}`, kind: 'exit' })
          break
        case 'g': {
          const gap = decodeGap(text)
          if (gap === undefined || (gap.kind === 'omitting' && omitting)) break
          omitting ||= gap.kind === 'omitting'
          markers.push({ time, label: gapText(gap), kind: 'gap' })
          break
        }
        case 'n':
          if (decodeNote(text)?.kind !== 'interrupted') break
          markers.push({ time, label: 'interrupted', kind: 'interrupted' })
          break
      }
    }
  }
  return markers
}

function verdictIn(text: string): MarkerKind {
  const decision = parseObject(text)
  if (decision?.['effect'] === 'deny') return 'deny'
  if (decision?.['effect'] !== 'allow') return 'marker'
  return decision['judged'] === false ? 'not-judged' : 'allow'
}
