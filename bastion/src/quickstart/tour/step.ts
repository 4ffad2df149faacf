import type { DataFolder } from '../folder.ts'
import type { Outcome } from './outcome.ts'
import type { Keys } from './typist.ts'

export type Verdict =
  | { readonly kind: 'passed'; readonly note: string }
  | { readonly kind: 'failed'; readonly expected: string; readonly seen: string }

/** What a step of the tour can do and know. */
export interface Stage {
  readonly folder: DataFolder
  readonly tokenEndpoint: string
  readonly httpUrl: string
  readonly target: string
  /** When the tour began, milliseconds since 1970. */
  readonly since: number
  readonly signal: AbortSignal
  /** Whether what is typed into is a terminal. */
  readonly hasTerminal: boolean
  /** Prints a command as it is typed, runs it, and prints what it printed. */
  readonly type: (command: string, keys?: Keys) => Promise<Outcome>
  readonly print: (text: string) => void
}

export interface Step {
  readonly title: string
  readonly run: (stage: Stage) => Promise<Verdict>
}

export function passed(note: string): Verdict {
  return { kind: 'passed', note }
}

export function failed(expected: string, seen: string): Verdict {
  return { kind: 'failed', expected, seen }
}

/** Returns how an outcome is told of in one line. */
export function told({ status, stderr, stdout }: Outcome): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? ''
  return `exit status ${status}${said === '' ? '' : `, "${said.slice(0, 120)}"`}`
}
