import { control, type Key } from '../keys/index.ts'
import { completeCommand } from './complete.ts'
import type { Frame } from './frame.ts'
import { glyphsOf } from './glyph.ts'
import { History } from './history.ts'
import { LineBuffer } from './line-buffer.ts'

/** What a key came to, beyond a change of the line. */
export type EditorEvent =
  | { readonly kind: 'edited' }
  /** The key means nothing here, or what it would insert is refused. */
  | { readonly kind: 'refused' }
  /** Lines to judge; the last that was pasted stays in the editor when it has no end yet. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'cleared' }
  | { readonly kind: 'choices'; readonly names: readonly string[] }
  /** A paste that is refused as a whole. */
  | { readonly kind: 'badPaste' }

const edited: EditorEvent = { kind: 'edited' }
const refused: EditorEvent = { kind: 'refused' }
const lineEnd = /\r\n|\r|\n/

/** Edits one line at a time. It knows no screen and no target, and runs nothing. */
export class Editor {
  readonly history: History = new History()
  readonly #line: LineBuffer
  readonly #cap: number
  readonly #names: () => readonly string[]

  /** `names` are the command words that Tab completes. */
  constructor(cap: number, names: () => readonly string[]) {
    this.#cap = cap
    this.#line = new LineBuffer(cap)
    this.#names = names
  }

  get frame(): Frame {
    return this.#line.frame
  }

  /** Takes the line out of the editor. */
  take(): string {
    const { text } = this.#line
    this.#line.clear()
    this.history.rest()
    return text
  }

  /** Adds a line to the history, when it could be shown again. */
  remember(line: string): void {
    if (Buffer.byteLength(line) > this.#cap) return
    if (Array.from(line).every((character) => glyphsOf(character) !== undefined))
      this.history.add(line)
  }

  press(key: Key): EditorEvent {
    switch (key.kind) {
      case 'character':
        return changed(this.#line.insert(key.text))
      case 'malformed':
        return refused
      case 'paste':
        return key.text === undefined ? { kind: 'badPaste' } : this.#paste(key.text)
      case 'control':
        return this.#control(key.code)
      case 'named':
        switch (key.name) {
          case 'left':
            return changed(this.#line.move(-1))
          case 'right':
            return changed(this.#line.move(1))
          case 'home':
            return changed(this.#line.move(-Infinity))
          case 'end':
            return changed(this.#line.move(Infinity))
          case 'delete':
            return changed(this.#line.remove(0))
          case 'up':
            return this.#recall(this.history.older(this.#line.text))
          case 'down':
            return this.#recall(this.history.newer())
        }
    }
  }

  #control(code: number): EditorEvent {
    switch (code) {
      case control.cr:
      case control.lf:
        return { kind: 'lines', lines: [this.take()] }
      case control.c:
        this.take()
        return { kind: 'cancelled' }
      case control.d:
        return this.#line.empty ? { kind: 'ended' } : changed(this.#line.remove(0))
      case control.a:
        return changed(this.#line.move(-Infinity))
      case control.e:
        return changed(this.#line.move(Infinity))
      case control.b:
        return changed(this.#line.move(-1))
      case control.f:
        return changed(this.#line.move(1))
      case control.p:
        return this.#recall(this.history.older(this.#line.text))
      case control.n:
        return this.#recall(this.history.newer())
      case control.h:
      case control.del:
        return changed(this.#line.remove(-1))
      case control.k:
        this.#line.cutAfter()
        return edited
      case control.u:
        this.#line.cutBefore()
        return edited
      case control.w:
        this.#line.cutWord()
        return edited
      case control.y:
        return changed(this.#line.yank())
      case control.l:
        return { kind: 'cleared' }
      case control.tab:
        return this.#complete()
      default:
        return refused
    }
  }

  #complete(): EditorEvent {
    const completion = completeCommand(this.#line.beforeCursor, this.#names())
    if (completion.kind === 'none') return refused
    return completion.kind === 'choices' ? completion : changed(this.#line.insert(completion.text))
  }

  #recall(line: string | undefined): EditorEvent {
    return changed(line !== undefined && this.#line.replace(line))
  }

  // What stands around the cursor belongs to the first and the last pasted line.
  #paste(text: string): EditorEvent {
    const [first = '', ...rest] = text.split(lineEnd)
    const last = rest.pop()
    if (last === undefined) return changed(this.#line.insert(first))
    const lines = [this.#line.beforeCursor + first, ...rest]
    const end = last + this.#line.afterCursor
    this.take()
    return this.#line.insert(end) ? { kind: 'lines', lines } : { kind: 'badPaste' }
  }
}

function changed(done: boolean): EditorEvent {
  return done ? edited : refused
}
