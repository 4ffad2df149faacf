import { stripVTControlCharacters } from 'node:util'

/** How a command line ended, and what it printed. */
export interface Outcome {
  /** -1 when a signal ended it. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** Both, in the order in which they came. */
  readonly shown: string
}

/** Milliseconds after which a command is killed; none in the tour takes a tenth of that. */
export const TIMEOUT = 30_000

/** Whatever proxy is set, nothing here is behind it. */
export const NO_PROXY = { no_proxy: 'localhost,127.0.0.1' } as const

/** Returns output as text. What came through a terminal has colours and carriage returns. */
export function plain(chunks: readonly Buffer[]): string {
  return stripVTControlCharacters(Buffer.concat(chunks).toString()).replaceAll('\r', '')
}
