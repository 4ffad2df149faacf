import type { Gap, StreamNumber, StreamTotals } from '../asciicast/cast.ts'

/** Returns what a reviewer is told of a gap. */
export function gapText(gap: Gap): string {
  switch (gap.kind) {
    case 'omitting':
      return `${streamName(gap.stream)} goes on, but is not kept from here: only its size and SHA-256 are`
    case 'omitted': {
      const parts = [part('stdout', gap.totals.stdout), part('stderr', gap.totals.stderr)]
      return `not kept: ${parts.filter((text) => text !== '').join(', ') || 'input'}`
    }
    case 'torn':
      return `the recording was cut off here; ${gap.bytes} bytes of an unfinished line are kept aside`
  }
}

function part(name: string, totals: StreamTotals): string {
  return totals.omitted === 0 ? '' : `${totals.omitted} of ${totals.bytes} bytes of ${name}`
}

function streamName(stream: StreamNumber): string {
  return ['input', 'stdout', 'stderr'][stream] ?? 'stdout'
}
