import type { ChannelTotals, Gap, Note, StreamNumber, StreamTotals } from './cast.ts'
import { parseObject } from './decode-header.ts'

type Fields = Readonly<Record<string, unknown>>

/** Returns the gap that the text of a `g` event declares, or undefined when it declares none. */
export function decodeGap(text: string): Gap | undefined {
  const gap = parseObject(text)
  switch (gap?.['kind']) {
    case 'omitting': {
      const { stream, upTo } = gap
      return isStream(stream) && isCount(upTo) ? { kind: 'omitting', stream, upTo } : undefined
    }
    case 'omitted': {
      const totals = decodeTotals(gap['totals'])
      return totals === undefined ? undefined : { kind: 'omitted', totals }
    }
    case 'torn': {
      const { bytes } = gap
      return isCount(bytes) ? { kind: 'torn', bytes } : undefined
    }
    default:
      return undefined
  }
}

/** Returns the recorder's own note in the text of an `n` event; undefined for a caller's note. */
export function decodeNote(text: string): Note | undefined {
  const note = parseObject(text)
  switch (note?.['kind']) {
    case 'held': {
      const { stream, base64 } = note
      if (!isStream(stream) || typeof base64 !== 'string') return undefined
      return { kind: 'held', stream, base64 }
    }
    case 'term': {
      const { cols, rows } = note
      if (typeof cols !== 'number' || typeof rows !== 'number') return undefined
      return { kind: 'term', cols, rows }
    }
    case 'exit-signal': {
      const { signal, coreDumped } = note
      if (typeof signal !== 'string' || typeof coreDumped !== 'boolean') return undefined
      return { kind: 'exit-signal', signal, coreDumped }
    }
    case 'end': {
      const totals = decodeTotals(note['totals'])
      return totals === undefined ? undefined : { kind: 'end', totals }
    }
    case 'interrupted':
      return { kind: 'interrupted' }
    default:
      return undefined
  }
}

function decodeTotals(value: unknown): ChannelTotals | undefined {
  const { input, stdout, stderr } = fieldsOf(value)
  const totals = {
    input: streamTotals(input),
    stdout: streamTotals(stdout),
    stderr: streamTotals(stderr),
  }
  if (totals.input === undefined || totals.stdout === undefined || totals.stderr === undefined) {
    return undefined
  }
  return { input: totals.input, stdout: totals.stdout, stderr: totals.stderr }
}

function streamTotals(value: unknown): StreamTotals | undefined {
  const { bytes, omitted, sha256 } = fieldsOf(value)
  if (!isCount(bytes) || !isCount(omitted)) return undefined
  if (sha256 === undefined) return { bytes, omitted }
  return typeof sha256 === 'string' ? { bytes, omitted, sha256 } : undefined
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function isStream(value: unknown): value is StreamNumber {
  return value === 0 || value === 1 || value === 2
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
