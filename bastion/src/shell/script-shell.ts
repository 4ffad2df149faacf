import type { Outcome, ShellHost } from './host.ts'
import { deniedStatus } from './judge/index.ts'
import type { GuardedShell, ShellLimits, ShellOptions } from './options.ts'
import { planScript, type ScriptStep } from './plan-script.ts'
import { commandSignal, Running, statusOf } from './run/index.ts'
import { sayRefusal } from './words.ts'

export interface ScriptShellOptions extends ShellOptions {
  readonly limits: ShellLimits
  readonly after: (milliseconds: number, run: () => void) => () => void
}

/**
 * A guarded shell without a terminal: standard input is read whole, every line is decided on, and only
 * then does the first command run.
 */
export class ScriptShell implements GuardedShell {
  readonly #options: ScriptShellOptions
  readonly #host: ShellHost
  readonly #cancelTimer: () => void
  #bytes: Buffer[] = []
  #size = 0
  #collecting = true
  #steps: Iterator<ScriptStep> = [].values()
  #stopAtFailure = false
  /** Set by a signal: the script ends with this after the command that runs. */
  #stopWith: number | undefined
  #running: Running | undefined
  #status = 0
  #ended = false
  #pumping = false

  constructor(options: ScriptShellOptions) {
    const { host, limits, after } = options
    this.#options = options
    this.#host = host
    this.#cancelTimer = after(limits.scriptTime, () =>
      this.#refuse(`standard input did not end within ${limits.scriptTime / 1000} seconds`),
    )
  }

  get wantsInput(): boolean {
    return this.#collecting
  }

  input(bytes: Buffer): void {
    if (!this.#collecting) return
    const { script } = this.#options.limits
    this.#size += bytes.length
    if (this.#size > script) return this.#refuse(`the script is longer than ${script} bytes`)
    this.#bytes.push(Buffer.from(bytes))
  }

  endOfInput(): void {
    if (!this.#collecting) return
    this.#collecting = false
    this.#cancelTimer()
    const plan = planScript(
      this.#host,
      Buffer.concat(this.#bytes),
      this.#options.limits.scriptLines,
    )
    this.#bytes = []
    if (plan.kind === 'refused') return this.#refuse(plan.reason)
    this.#steps = plan.steps.values()
    this.#stopAtFailure = plan.stopAtFailure
    this.#pump()
  }

  resize(): void {}

  signal(name: string): void {
    const known = commandSignal(name)
    if (known === undefined || this.#ended) return
    this.#stopWith = statusOf({ kind: 'signal', name: known })
    if (this.#running === undefined) this.#finish(this.#stopWith)
    else if (known === 'TERM') this.#running.signal(known)
    else this.#running.interrupt(known)
  }

  resume(): void {
    this.#pump()
  }

  close(): void {
    this.#ended = true
    this.#collecting = false
    this.#cancelTimer()
    this.#bytes = []
    this.#running?.close()
    this.#running = undefined
  }

  // A command may end while it is started, so the next one is never started from its end.
  #pump(): void {
    if (this.#pumping || this.#collecting) return
    this.#pumping = true
    try {
      while (!this.#ended && this.#running === undefined && this.#host.accepts()) this.#advance()
    } finally {
      this.#pumping = false
    }
  }

  #advance(): void {
    const next = this.#steps.next()
    if (next.done === true) return this.#finish(this.#status)
    const step = next.value
    switch (step.kind) {
      case 'say':
        this.#status = 0
        return this.#host.write(1, Buffer.from(step.text))
      case 'exit':
        return this.#finish(step.status ?? this.#status)
      case 'run': {
        const running = new Running({
          host: this.#host,
          command: step.command,
          after: this.#options.after,
          interruptTime: this.#options.limits.interruptTime,
          output: (stream, bytes) => this.#host.write(stream, bytes),
          ended: (outcome) => this.#commandEnded(outcome),
        })
        if (running.done) return
        this.#running = running
        running.endInput()
      }
    }
  }

  #commandEnded(outcome: Outcome): void {
    this.#running = undefined
    this.#status = statusOf(outcome)
    const failed = this.#stopAtFailure && this.#status !== 0
    if (this.#stopWith !== undefined) this.#finish(this.#stopWith)
    else if (failed || outcome.kind === 'notRun') this.#finish(this.#status)
    else this.#pump()
  }

  #refuse(reason: string): void {
    if (this.#ended) return
    const text = `${sayRefusal(reason)}\n${sayRefusal('no line of the script was run')}\n`
    this.#host.write(2, Buffer.from(text))
    this.#finish(deniedStatus)
  }

  #finish(status: number): void {
    if (this.#ended) return
    this.close()
    this.#host.exit(status)
  }
}
