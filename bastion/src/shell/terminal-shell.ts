import type { Outcome, ShellCommand, ShellHost } from './host.ts'
import { Backlog } from './backlog.ts'
import { builtinNames, LineJudge, misusedStatus } from './judge/index.ts'
import { control, Keyboard, type Key } from './keys/index.ts'
import { Editor, type EditorEvent } from './line/index.ts'
import type {
  GuardedShell,
  ShellLimits,
  ShellOptions,
  ShellTerminal,
  TerminalSize,
} from './options.ts'
import { CookedLine, Running, statusOf } from './run/index.ts'
import { TerminalOutput } from './terminal-output.ts'

export interface TerminalShellOptions extends ShellOptions {
  readonly terminal: ShellTerminal
  readonly limits: ShellLimits
  readonly after: (milliseconds: number, run: () => void) => () => void
}

const interrupted = 130
// Other channels get their turn when one agent sends much at once.
const stepsInOneTurn = 4096

/**
 * A guarded shell behind a terminal: a line editor while no command runs, a line discipline while one
 * does. Which of the two gets a byte is known from our own state alone; output of the target is passed
 * on and never read.
 */
export class TerminalShell implements GuardedShell {
  readonly #options: TerminalShellOptions
  readonly #host: ShellHost
  readonly #judge: LineJudge
  readonly #editor: Editor
  readonly #output: TerminalOutput
  readonly #backlog: Backlog
  #keyboard: Keyboard
  #cooked = new CookedLine()
  #running: Running | undefined
  /** Lines that wait for their turn, the next one last; more than one after a paste. */
  #lines: string[] = []
  /** The policy is asked for names once in a turn, however often Tab is pressed. */
  #names: readonly string[] | undefined
  #status = 0
  #inputEnded = false
  #ended = false
  #pumping = false
  #cancelTurn: () => void = () => {}

  constructor(options: TerminalShellOptions) {
    const { host, limits, terminal } = options
    this.#options = options
    this.#host = host
    this.#judge = new LineJudge(host)
    this.#editor = new Editor(limits.line, () => {
      this.#names ??= [...builtinNames, ...host.programs()]
      return this.#names
    })
    this.#output = new TerminalOutput({
      size: terminal,
      escapes: terminal.type !== '' && terminal.type !== 'dumb',
      write: (bytes) => {
        if (!this.#ended) host.write(1, bytes)
      },
    })
    this.#backlog = new Backlog(limits.backlog)
    this.#keyboard = new Keyboard(limits.paste)
    this.#output.refuse('each line is judged before it runs; help says more')
    this.#pump()
  }

  get wantsInput(): boolean {
    if (this.#ended || this.#inputEnded || !this.#backlog.empty) return false
    return this.#host.accepts() && (this.#running?.accepts() ?? true)
  }

  input(bytes: Buffer): void {
    if (this.#ended || this.#inputEnded) return
    // An interrupt does not wait behind what nobody reads; like any terminal's it throws that away.
    const stuck = this.#running !== undefined && !this.wantsInput
    const stop = stuck ? bytes.lastIndexOf(control.c) : -1
    if (stop >= 0) {
      this.#backlog.clear()
      this.#keyboard = new Keyboard(this.#options.limits.paste)
      this.#interrupt('INT', '^C')
    }
    if (!this.#backlog.add(bytes.subarray(stop + 1)))
      this.#finish(1, 'too much input while nothing could take it')
    this.#pump()
  }

  endOfInput(): void {
    this.#inputEnded = true
    this.#pump()
  }

  resize(size: TerminalSize): void {
    this.#output.resize(size)
  }

  signal(name: string): void {
    if (this.#ended) return
    const running = this.#running
    if (running === undefined) {
      if (name === 'INT') this.#edit(this.#editor.press({ kind: 'control', code: control.c }))
      if (name === 'TERM') this.#finish(statusOf({ kind: 'signal', name }))
    } else if (name === 'INT' || name === 'QUIT') this.#interrupt(name, '')
    else if (name === 'TERM') running.signal(name)
    this.#pump()
  }

  resume(): void {
    this.#pump()
  }

  close(): void {
    this.#ended = true
    this.#cancelTurn()
    this.#running?.close()
    this.#running = undefined
    this.#backlog.clear()
    this.#lines = []
  }

  // A command may end while it is started, so everything that goes on goes on from here.
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    this.#names = undefined
    try {
      let left = stepsInOneTurn
      while (left > 0 && this.#advance()) left -= 1
      if (left === 0) this.#takeAnotherTurn()
    } finally {
      this.#pumping = false
    }
    if (this.#ended || !this.#host.accepts()) return
    this.#output.flushBell()
    if (this.#running === undefined) this.#output.drawLine(this.#prompt, this.#editor.frame)
  }

  #takeAnotherTurn(): void {
    this.#cancelTurn()
    this.#cancelTurn = this.#options.after(0, () => this.#pump())
  }

  /** Does one thing; false when there is nothing to do now. */
  #advance(): boolean {
    if (this.#ended || !this.#host.accepts()) return false
    const running = this.#running
    if (running === undefined) {
      const line = this.#lines.pop()
      if (line !== undefined) {
        this.#submit(line)
        return true
      }
    } else if (!running.accepts()) return false
    const byte = this.#backlog.take()
    if (byte === undefined) {
      if (this.#inputEnded) this.#inputRanOut()
      return false
    }
    for (const key of this.#keyboard.take(byte))
      if (running === undefined) this.#edit(this.#editor.press(key))
      else this.#feed(running, key)
    return true
  }

  #inputRanOut(): void {
    if (this.#running === undefined) this.#finish(this.#status)
    else this.#running.endInput()
  }

  #edit(event: EditorEvent): void {
    switch (event.kind) {
      case 'edited':
        return
      case 'refused':
        return this.#output.bell()
      case 'lines':
        this.#lines = event.lines.toReversed()
        return
      case 'cancelled':
        this.#status = interrupted
        return this.#output.leaveLine('^C')
      case 'ended':
        return this.#finish(this.#status)
      case 'cleared':
        return this.#output.clear()
      case 'choices':
        this.#output.leaveLine()
        return this.#output.say(`${event.names.join('  ')}\n`)
      case 'badPaste':
        this.#status = misusedStatus
        this.#output.leaveLine()
        return this.#output.refuse('the paste is too long, or holds what no command may hold')
    }
  }

  #submit(line: string): void {
    this.#output.finishLine(this.#prompt, line)
    this.#editor.remember(line)
    const step = this.#judge.judge(line, this.#editor.history.lines)
    switch (step.kind) {
      case 'nothing':
        return
      case 'run':
        return this.#start(step.command)
      case 'say':
        this.#status = 0
        return this.#output.say(step.text)
      case 'refused':
        return this.#refuse(step.reason, step.status)
      case 'exit':
        return this.#finish(step.status ?? this.#status)
    }
  }

  #start(command: ShellCommand): void {
    this.#cooked = new CookedLine()
    const running = new Running({
      host: this.#host,
      command,
      after: this.#options.after,
      interruptTime: this.#options.limits.interruptTime,
      output: (_stream, bytes) => this.#output.target(bytes),
      ended: (outcome) => this.#commandEnded(outcome),
    })
    if (!running.done) this.#running = running
  }

  #commandEnded(outcome: Outcome): void {
    this.#running = undefined
    this.#status = statusOf(outcome)
    this.#output.reset()
    if (outcome.kind === 'notRun') this.#dropLines()
    this.#pump()
  }

  #feed(running: Running, key: Key): void {
    const event = this.#cooked.press(key)
    switch (event.kind) {
      case 'echo':
        return this.#output.write(event.text)
      case 'input':
        this.#output.write(event.echo)
        return running.write(event.bytes)
      case 'endOfInput':
        return running.endInput()
      case 'interrupt':
        return this.#interrupt(event.name, event.echo)
      case 'refused':
        return this.#output.bell()
    }
  }

  #interrupt(name: 'INT' | 'QUIT', echo: string): void {
    this.#output.write(echo)
    this.#dropLines()
    this.#running?.interrupt(name)
  }

  #refuse(reason: string, status: number): void {
    this.#status = status
    this.#output.refuse(reason)
    this.#dropLines()
  }

  // While lines wait, the editor holds at most the unfinished last line of the same paste.
  #dropLines(): void {
    const count = this.#lines.length + (this.#editor.take() === '' ? 0 : 1)
    this.#lines = []
    if (count > 0) this.#output.refuse(`the rest of the paste was dropped, lines: ${count}`)
  }

  #finish(status: number, reason?: string): void {
    if (this.#ended) return
    this.#output.leaveLine()
    if (reason !== undefined) this.#output.refuse(reason)
    this.#output.end()
    this.close()
    this.#host.exit(status)
  }

  get #prompt(): string {
    const { login, target } = this.#options
    const { folder } = this.#judge
    const place = folder.length > 32 ? `...${folder.slice(-29)}` : folder
    const status = this.#status === 0 ? '' : `(${this.#status}) `
    return `${status}${login}@${target}:${place}$ `
  }
}
