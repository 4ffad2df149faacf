import type { ShellHost } from '../host.ts'
import { readBuiltin } from './builtin.ts'
import { helpText } from './help.ts'
import { KeptState } from './kept-state.ts'
import { deniedStatus, misused, type Step } from './step.ts'

const blank = /^[ \t]*(?:#.*)?$/
const exitStatus = /^[0-9]{1,3}$/

/** Turns lines into steps: our own commands, and what the policy says about all others. */
export class LineJudge {
  readonly #host: ShellHost
  readonly #kept: KeptState

  constructor(host: ShellHost) {
    this.#host = host
    this.#kept = new KeptState(host)
  }

  /** The folder that commands run in, as people write it. */
  get folder(): string {
    return this.#kept.shownFolder
  }

  /** Returns what a line comes to; what it changes of the folder and the variables is kept. */
  judge(line: string, history: readonly string[]): Step {
    if (blank.test(line)) return { kind: 'nothing' }
    const bytes = Buffer.from(line, 'utf8')
    const builtin = readBuiltin(bytes)
    switch (builtin?.name) {
      case undefined:
        return this.#judgeCommand(line, bytes)
      case 'cd':
        return this.#kept.changeFolder(builtin.operands)
      case 'export':
        return this.#kept.setVariables(builtin.operands)
      case 'unset':
        return this.#kept.unsetVariables(builtin.operands)
      case 'exit':
      case 'logout':
        return exit(builtin.name, builtin.operands)
      case 'help':
        return { kind: 'say', text: helpText }
      case 'history':
        return { kind: 'say', text: history.map((one, at) => `${at + 1}  ${one}\n`).join('') }
      case 'pwd':
        return { kind: 'say', text: `${this.folder}\n` }
    }
  }

  #judgeCommand(line: string, bytes: Buffer): Step {
    const decision = this.#host.judge(bytes)
    if (decision.effect === 'deny')
      return refuse(`denied by rule ${decision.rule}: ${decision.message}`)
    const { send } = decision
    if (send === undefined) return refuse('the line could not be judged')
    const prefix = this.#kept.prefix()
    if (prefix.kind === 'refused') return refuse(prefix.reason)
    return {
      kind: 'run',
      command: { send: Buffer.concat([prefix.bytes, send]), title: line, decision },
    }
  }
}

function refuse(reason: string): Step {
  return { kind: 'refused', reason, status: deniedStatus }
}

function exit(name: string, operands: readonly string[]): Step {
  const [status, ...more] = operands
  if (status === undefined) return { kind: 'exit', status: undefined }
  if (more.length > 0 || !exitStatus.test(status) || Number(status) > 255)
    return misused(`${name} takes one number from 0 to 255`)
  return { kind: 'exit', status: Number(status) }
}
