import type { Outcome, Run, ShellCommand, ShellHost, SignalName } from '../host.ts'

export interface RunningOptions {
  readonly host: ShellHost
  readonly command: ShellCommand
  readonly output: (stream: 1 | 2, bytes: Buffer) => void
  /** Told once, and nothing after it. */
  readonly ended: (outcome: Outcome) => void
  readonly after: (milliseconds: number, run: () => void) => () => void
  readonly interruptTime: number
}

/** One command from its start to its end, which is heard of once, whatever the host says afterwards. */
export class Running {
  readonly #options: RunningOptions
  readonly #run: Run
  #done = false
  #interrupted = false
  #inputEnded = false
  #cancelTimer: (() => void) | undefined

  constructor(options: RunningOptions) {
    this.#options = options
    this.#run = options.host.run(options.command, {
      output: (stream, bytes) => {
        if (!this.#done) options.output(stream, bytes)
      },
      ended: (outcome) => this.#end(outcome),
    })
  }

  get done(): boolean {
    return this.#done
  }

  accepts(): boolean {
    return this.#run.accepts()
  }

  write(bytes: Buffer): void {
    if (!this.#done && !this.#inputEnded && bytes.length > 0) this.#run.write(bytes)
  }

  endInput(): void {
    if (this.#done || this.#inputEnded) return
    this.#inputEnded = true
    this.#run.endInput()
  }

  signal(name: SignalName): void {
    if (!this.#done) this.#run.signal(name)
  }

  /** Asks the command to end; the second time, or when it has not after a while, gives it up. */
  interrupt(name: 'INT' | 'QUIT'): void {
    if (this.#done) return
    if (this.#interrupted) return this.#giveUp()
    this.#interrupted = true
    this.#run.signal(name)
    // The host may have ended it on the spot.
    if (this.#done) return
    this.#cancelTimer = this.#options.after(this.#options.interruptTime, () => this.#giveUp())
  }

  /** Gives the command up without a word to anybody. */
  close(): void {
    if (this.#done) return
    this.#done = true
    this.#cancelTimer?.()
    this.#run.close()
  }

  #giveUp(): void {
    if (this.#done) return
    this.close()
    this.#options.ended({ kind: 'signal', name: 'INT' })
  }

  #end(outcome: Outcome): void {
    if (this.#done) return
    this.#done = true
    this.#cancelTimer?.()
    this.#options.ended(outcome)
  }
}
