import { control, type Key } from '../keys/index.ts'
import { glyphsOf } from '../line/index.ts'

/** What a key came to while a command runs. */
export type CookedEvent =
  /** What the terminal shows of it; may be empty. */
  | { readonly kind: 'echo'; readonly text: string }
  /** Bytes for the command's standard input. */
  | { readonly kind: 'input'; readonly bytes: Buffer; readonly echo: string }
  | { readonly kind: 'endOfInput' }
  | { readonly kind: 'interrupt'; readonly name: 'INT' | 'QUIT'; readonly echo: string }
  | { readonly kind: 'refused' }

interface Cell {
  readonly text: string
  readonly width: number
}

const maxLine = 4096
const refused: CookedEvent = { kind: 'refused' }

/** The line discipline for a command's standard input: whole lines, with echo and rubbing out. */
export class CookedLine {
  #cells: Cell[] = []

  press(key: Key): CookedEvent {
    switch (key.kind) {
      case 'character':
        return this.#add(key.text)
      case 'paste':
        return this.#paste(key.text)
      case 'control':
        return this.#control(key.code)
      case 'named':
        return { kind: 'echo', text: '' }
      case 'malformed':
        return refused
    }
  }

  #control(code: number): CookedEvent {
    switch (code) {
      case control.cr:
      case control.lf:
        return { kind: 'input', bytes: Buffer.from(`${this.#take()}\n`), echo: '\r\n' }
      case control.d:
        return this.#cells.length === 0
          ? { kind: 'endOfInput' }
          : { kind: 'input', bytes: Buffer.from(this.#take()), echo: '' }
      case control.c:
        this.#take()
        return { kind: 'interrupt', name: 'INT', echo: '^C' }
      case control.backslash:
        this.#take()
        return { kind: 'interrupt', name: 'QUIT', echo: '^\\' }
      case control.h:
      case control.del:
        return { kind: 'echo', text: rubOut(this.#cells.splice(-1)) }
      case control.u:
        return { kind: 'echo', text: rubOut(this.#cells.splice(0)) }
      case control.tab:
        return this.#add('\t')
      default:
        return refused
    }
  }

  #paste(text: string | undefined): CookedEvent {
    if (text === undefined) return refused
    let bytes = ''
    let echo = ''
    for (const character of text.replaceAll(/\r\n?/g, '\n')) {
      const event = character === '\n' ? this.#control(control.lf) : this.#add(character)
      if (event.kind === 'input') bytes += event.bytes.toString('utf8')
      if (event.kind === 'input') echo += event.echo
      if (event.kind === 'echo') echo += event.text
    }
    return { kind: 'input', bytes: Buffer.from(bytes), echo }
  }

  #add(text: string): CookedEvent {
    const glyphs = glyphsOf(text)
    if (glyphs === undefined || this.#cells.length >= maxLine) return refused
    this.#cells.push({ text, width: glyphs.reduce((sum, { width }) => sum + width, 0) })
    return { kind: 'echo', text: glyphs.map(({ shown }) => shown).join('') }
  }

  #take(): string {
    return this.#cells
      .splice(0)
      .map(({ text }) => text)
      .join('')
  }
}

function rubOut(cells: readonly Cell[]): string {
  return '\b \b'.repeat(cells.reduce((sum, { width }) => sum + width, 0))
}
