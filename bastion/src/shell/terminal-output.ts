import { frameOfText, Screen, type Frame } from './line/index.ts'
import type { TerminalSize } from './options.ts'
import { sayRefusal } from './words.ts'

export interface TerminalOutputOptions {
  readonly size: TerminalSize
  /** Whether the terminal knows modes that can be set. */
  readonly escapes: boolean
  readonly write: (bytes: Buffer) => void
}

const lf = 10
const lineEnd = Buffer.from('\r\n')
const bracketedPaste = '\x1b[?2004h'
// What a target may have left behind: colours, a hidden cursor, margins, no wrapping.
const softReset = '\x1b[!p\x1b[?7h'

/**
 * Everything that the agent's terminal is sent. Of what the target prints it knows one thing: whether
 * the last byte ended a line.
 */
export class TerminalOutput {
  readonly #options: TerminalOutputOptions
  readonly #screen: Screen
  #fresh = true
  #prompting = false
  #bell = false

  constructor(options: TerminalOutputOptions) {
    this.#options = options
    this.#screen = new Screen(options.size)
  }

  resize(size: TerminalSize): void {
    this.#screen.resize(size)
  }

  /** Shows prompt and line, on a row of their own. */
  drawLine(prompt: string, line: Frame): void {
    const modes = this.#options.escapes ? bracketedPaste : ''
    if (!this.#prompting) this.write(`${this.#fresh ? '' : '\r\n'}${modes}`)
    this.#prompting = true
    this.write(this.#screen.draw(prompt, line))
  }

  /** Shows a line that is finished, and goes on below it. */
  finishLine(prompt: string, line: string): void {
    this.drawLine(prompt, frameOfText(line))
    this.leaveLine()
  }

  /** Goes on below prompt and line, when they are shown. */
  leaveLine(mark = ''): void {
    if (!this.#prompting) return
    this.#pass(Buffer.from(this.#screen.leave(mark)), true)
    this.#prompting = false
  }

  clear(): void {
    if (this.#options.escapes && this.#prompting) this.write(this.#screen.clear())
  }

  /** Passes on what the target printed; no other terminal has put CR before its line ends. */
  target(bytes: Buffer): void {
    if (bytes.length > 0) this.#pass(returnLines(bytes), bytes.at(-1) === lf)
  }

  /** Takes back what the target may have set. */
  reset(): void {
    if (this.#options.escapes) this.#pass(Buffer.from(softReset), this.#fresh)
  }

  /** Says something of ours on rows of its own; `text` has its line ends. */
  say(text: string): void {
    this.write(`${this.#fresh ? '' : '\r\n'}${text.replaceAll('\n', '\r\n')}`)
  }

  refuse(reason: string): void {
    this.say(`${sayRefusal(reason)}\n`)
  }

  write(text: string): void {
    if (text !== '') this.#pass(Buffer.from(text), text.endsWith('\n'))
  }

  /** Rings once, however often it was asked to, when `flushBell` comes. */
  bell(): void {
    this.#bell = true
  }

  flushBell(): void {
    if (this.#bell) this.#pass(Buffer.from('\x07'), this.#fresh)
    this.#bell = false
  }

  end(): void {
    this.leaveLine()
    if (this.#options.escapes) this.#pass(Buffer.from('\x1b[?2004l'), this.#fresh)
  }

  #pass(bytes: Buffer, fresh: boolean): void {
    if (bytes.length > 0) this.#options.write(bytes)
    this.#fresh = fresh
  }
}

function returnLines(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    parts.push(bytes.subarray(from, at), lineEnd)
    from = at + 1
  }
  return from === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(from)])
}
