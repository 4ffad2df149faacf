import { emitLine } from '../../decide/parse/index.ts'
import { withoutWaiting, type Decision } from '../../decide/index.ts'
import type { ShellHost } from '../host.ts'
import { changeFolder, folderOperand, loginFolder, showFolder } from './folder.ts'
import { deniedStatus, misused, type Step } from './step.ts'

type Prefix =
  | { readonly kind: 'prefix'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly reason: string }

const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const maxVariables = 32
const maxValue = 1024
const done: Step = { kind: 'nothing' }

/** What a shell keeps from line to line: a folder, and variables that the policy lets the agent set. */
export class KeptState {
  readonly #host: ShellHost
  readonly #variables = new Map<string, string>()
  #folder = loginFolder
  #before = loginFolder

  constructor(host: ShellHost) {
    this.#host = host
  }

  get shownFolder(): string {
    return showFolder(this.#folder)
  }

  changeFolder(operands: readonly string[]): Step {
    const [to, ...more] = operands[0] === '--' ? operands.slice(1) : operands
    if (more.length > 0) return misused('cd takes one folder')
    if (to === '') return misused('cd needs the name of a folder')
    if (to !== undefined && to !== '-' && to.startsWith('-') && operands[0] !== '--')
      return misused(`cd has no option ${JSON.stringify(to)}`)
    const back = to === '-' && operands[0] !== '--'
    const folder =
      to === undefined ? loginFolder : back ? this.#before : changeFolder(this.#folder, to)
    if (folder === undefined) return misused('the name of the folder is too long')
    const prefix = this.#enter(folder)
    if (prefix.kind === 'refused') return { ...prefix, status: deniedStatus }
    this.#before = this.#folder
    this.#folder = folder
    return back ? { kind: 'say', text: `${this.shownFolder}\n` } : done
  }

  setVariables(operands: readonly string[]): Step {
    if (operands.length === 0) return { kind: 'say', text: this.#listVariables() }
    const wanted: (readonly [string, string])[] = []
    for (const operand of operands) {
      const equals = operand.indexOf('=')
      const name = operand.slice(0, Math.max(0, equals))
      const value = operand.slice(equals + 1)
      if (!variableName.test(name)) return misused('export takes NAME=value')
      if (value.length > maxValue || !this.#host.allowsVariable(name, value))
        return {
          kind: 'refused',
          reason: `no rule allows the variable ${JSON.stringify(name)} with this value`,
          status: deniedStatus,
        }
      wanted.push([name, value])
    }
    const names = new Set([...this.#variables.keys(), ...wanted.map(([name]) => name)])
    if (names.size > maxVariables) return misused(`more than ${maxVariables} variables`)
    for (const [name, value] of wanted) this.#variables.set(name, value)
    return done
  }

  unsetVariables(operands: readonly string[]): Step {
    if (operands.length === 0 || operands.some((name) => !variableName.test(name)))
      return misused('unset takes names of variables')
    for (const name of operands) this.#variables.delete(name)
    return done
  }

  /**
   * Returns what stands before a command at the target. Nothing runs in another folder when this one
   * cannot be entered, and the policy is asked about the folder and the variables each time anew.
   */
  prefix(): Prefix {
    const entered = this.#enter(this.#folder)
    if (entered.kind === 'refused') return entered
    for (const [name, value] of this.#variables)
      if (!this.#host.allowsVariable(name, value))
        return {
          kind: 'refused',
          reason: `no rule allows the variable ${JSON.stringify(name)} any more; unset it`,
        }
    const exports = [...this.#variables].map(([name, value]) =>
      Buffer.concat([emitWords(['export', `${name}=${value}`]), Buffer.from('\n')]),
    )
    return { kind: 'prefix', bytes: Buffer.concat([...exports, entered.bytes]) }
  }

  #enter(folder: string): Prefix {
    if (folder === loginFolder) return { kind: 'prefix', bytes: Buffer.alloc(0) }
    const decision: Decision = this.#host.judge(emitWords(['cd', folderOperand(folder)]))
    const settled = withoutWaiting(decision)
    if (settled.effect === 'deny')
      return { kind: 'refused', reason: `denied by rule ${settled.rule}: ${settled.message}` }
    if (settled.send === undefined)
      return { kind: 'refused', reason: 'the folder could not be judged' }
    return { kind: 'prefix', bytes: Buffer.concat([settled.send, Buffer.from(' || exit\n')]) }
  }

  #listVariables(): string {
    return [...this.#variables].map(([name, value]) => `${name}=${value}\n`).join('')
  }
}

function emitWords(argv: readonly string[]): Buffer {
  return emitLine({ commands: [{ argv, redirects: [], joint: 'end' }] })
}
