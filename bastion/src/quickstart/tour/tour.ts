import type { DataFolder } from '../folder.ts'
import { certificateStep, tokenStep } from './certificate-steps.ts'
import { replayStep } from './replay-step.ts'
import type { StartInTerminal } from '../target/index.ts'
import { runInTerminal } from './run-in-terminal.ts'
import { runTyped } from './run-typed.ts'
import { allowedStep, copyStep, deniedStep, shellStep } from './session-steps.ts'
import type { Stage, Step, Verdict } from './step.ts'

export interface TourOptions {
  readonly folder: DataFolder
  readonly tokenEndpoint: string
  readonly httpUrl: string
  readonly target: string
  readonly now: () => number
  /** Undefined where node-pty was not built. */
  readonly startInTerminal: StartInTerminal | undefined
  readonly signal: AbortSignal
  readonly print: (text: string) => void
}

const STEPS: readonly Step[] = [
  tokenStep,
  certificateStep,
  allowedStep,
  deniedStep,
  shellStep,
  copyStep,
  replayStep,
]

/** Runs the tour and returns whether each step did what it should. It ends at the first that did not, or when told to. */
export async function runTour(options: TourOptions): Promise<boolean> {
  const { signal, print, now, startInTerminal: start } = options
  const indented = (text: string): void => print(indent(text))
  const stage: Stage = {
    ...options,
    since: now(),
    hasTerminal: start !== undefined,
    print: indented,
    async type(command, keys) {
      indented(`$ ${command}`)
      const outcome =
        keys !== undefined && start !== undefined
          ? await runInTerminal(command, { start, keys, signal })
          : await runTyped(command, signal, keys)
      if (outcome.shown.trim() !== '') indented(outcome.shown.trimEnd())
      return outcome
    },
  }
  for (const [index, step] of STEPS.entries()) {
    if (signal.aborted) return false
    print(`\n${index + 1}  ${step.title}`)
    const verdict = await step.run(stage)
    if (signal.aborted) return false
    tell(verdict, indented)
    if (verdict.kind === 'failed') return false
  }
  return true
}

function tell(verdict: Verdict, print: (text: string) => void): void {
  switch (verdict.kind) {
    case 'passed':
      return print(`ok: ${verdict.note}`)
    case 'failed':
      print(`FAILED: expected ${verdict.expected}`)
      return print(`        seen     ${verdict.seen}`)
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '   ')
}
