import xterm, { type Terminal } from '@xterm/headless'
import type { ShownEvent } from '../../view/shown-events.ts'
import type { Screenful, TermSize } from '../outline.ts'
import { Modes } from './modes.ts'
import type { ScreenKeeper } from './screen-keeper.ts'
import { behindLastColumn, screenText } from './screen-text.ts'
import { TameOutput } from './tame-output.ts'

/**
 * Follows a terminal's screen with an emulator. Output can be made that takes one very long: call it where that stalls
 * nothing else and can be ended. Where a program saved the cursor by itself is not known to who begins with its screen.
 */
export class TerminalScreen implements ScreenKeeper {
  readonly #output: TameOutput
  readonly #modes = new Modes()
  readonly #terminal: Terminal
  #settled: Promise<void> = Promise.resolve()

  constructor() {
    this.#output = new TameOutput(this.#modes)
    this.#terminal = new xterm.Terminal({
      cols: 80,
      rows: 24,
      scrollback: 0,
      allowProposedApi: true,
    })
  }

  /** False in the middle of a sequence. */
  get isWhole(): boolean {
    return this.#output.isWhole
  }

  /** True where only a part of the screen may scroll. */
  get hasRegion(): boolean {
    return this.#modes.hasRegion
  }

  begin({ cols, rows }: TermSize): void {
    this.#terminal.resize(cols, rows)
  }

  take({ code, text }: ShownEvent): void {
    if (code === 'o') {
      this.#output.feed(text)
      if (this.#output.isFull) this.#write()
    } else if (code === 'r') {
      const [cols = 80, rows = 24] = text.split('x').map(Number)
      this.#write()
      this.#settled = this.#settled.then(() => this.#terminal.resize(cols, rows))
      this.#modes.resized()
    }
  }

  async now(): Promise<Screenful> {
    this.#write()
    await this.#settled
    const { cols, rows, buffer } = this.#terminal
    const modes = this.#modes
    let text = screenText(buffer.normal, rows, cols)
    if (buffer.active.type === 'alternate') {
      const { cursorX: x, cursorY: y } = buffer.normal
      const place = `\u001b[${y + 1};${Math.min(x, cols - 1) + 1}H`
      // The other screen is filled with the background of who goes there.
      const away = '\u001b[?1049h\u001b[m\u001b(B\u001b[2J'
      text += `${modes.regionOfNormal()}${place}${modes.penOfNormal()}${away}${screenText(buffer.active, rows, cols)}`
    }
    const { cursorX, cursorY } = buffer.active
    const row = Math.max(1, modes.isOrigin ? cursorY + 1 - (modes.top - 1) : cursorY + 1)
    const place = `\u001b[${row};${Math.min(cursorX, cols - 1) + 1}H`
    const behind = behindLastColumn(buffer.active, cols, row)
    return { cols, rows, text: text + modes.settings() + place + behind + modes.pen() }
  }

  #write(): void {
    const text = this.#output.take()
    if (text === '') return
    this.#settled = this.#settled.then(
      () => new Promise((resolve) => this.#terminal.write(text, resolve)),
    )
  }
}
