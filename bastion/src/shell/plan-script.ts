import type { ShellHost } from './host.ts'
import { LineJudge, type Step } from './judge/index.ts'
import { decodeText } from './keys/index.ts'

/** What is left of a line once it was let through. */
export type ScriptStep = Extract<Step, { readonly kind: 'run' | 'say' | 'exit' }>

export type ScriptPlan =
  | {
      readonly kind: 'plan'
      readonly steps: readonly ScriptStep[]
      /** The script began with `set -e`. */
      readonly stopAtFailure: boolean
    }
  | { readonly kind: 'refused'; readonly reason: string }

const blank = /^[ \t]*(?:#.*)?$/
const setErrexit = /^[ \t]*set[ \t]+-e[ \t]*$/

/** Returns what a script comes to when every line of it may run, or why none of it will. */
export function planScript(host: ShellHost, script: Buffer, maxLines: number): ScriptPlan {
  const text = decodeText(script)
  if (text === undefined) return refuse('the script is not UTF-8')
  const lines = [...text.split('\n').entries()].filter(([, line]) => !blank.test(line))
  if (lines.length > maxLines) return refuse(`the script has more than ${maxLines} commands`)
  const stopAtFailure = setErrexit.test(lines[0]?.[1] ?? '')
  const judge = new LineJudge(host)
  const steps: ScriptStep[] = []
  for (const [at, line] of stopAtFailure ? lines.slice(1) : lines) {
    const step = judge.judge(line, [])
    switch (step.kind) {
      case 'nothing':
        break
      case 'refused':
        return refuse(`line ${at + 1}: ${step.reason}`)
      case 'run':
        // What nobody could resolve may belong together with the lines around it.
        if (!step.command.decision.judged)
          return refuse(
            `line ${at + 1}: it cannot be resolved by itself, as each line of a script must be`,
          )
        steps.push(step)
        break
      case 'say':
      case 'exit':
        steps.push(step)
    }
  }
  return { kind: 'plan', steps, stopAtFailure }
}

function refuse(reason: string): ScriptPlan {
  return { kind: 'refused', reason }
}
