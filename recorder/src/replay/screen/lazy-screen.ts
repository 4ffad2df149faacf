import type { ShownEvent } from '../../view/shown-events.ts'
import type { Screenful, TermSize } from '../outline.ts'
import type { ScreenKeeper } from './screen-keeper.ts'
import { TerminalScreen } from './terminal-screen.ts'

/** More than this is not held back. */
const MOST_HELD = 1_000_000
/** A longer sequence at the end of an output is none of the plain ones. */
const LONGEST_CUT = 64

/** The first thing that does more than print, colour, or go on to the next line. */
const NOT_PLAIN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0006\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[[\d;:]*[mK])/
/** A sequence that may become a plain one with what follows. */
// eslint-disable-next-line no-control-regex
const CUT = /\u001b(?:\[[\d;:]*)?$/
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[\d;:]*m/g
const RESET = ['\u001b[0m', '\u001b[m']

/**
 * Follows a terminal's screen, and leaves out what has scrolled away. Plain lines that are followed by two screens of
 * further ones have no trace left but their colours, so that of a long log hardly anything needs to be drawn.
 */
export class LazyScreen implements ScreenKeeper {
  readonly #screen = new TerminalScreen()
  #rows = 24
  #held: string[] = []
  #length = 0
  #cut = ''

  begin(size: TermSize): void {
    this.#rows = size.rows
    this.#screen.begin(size)
  }

  take(event: ShownEvent): void {
    if (event.code === 'o') return this.#output(event)
    if (event.code !== 'r') return
    this.#draw()
    this.#screen.take(event)
    this.#rows = Number(event.text.split('x')[1] ?? 24)
  }

  async now(): Promise<Screenful> {
    this.#draw()
    return this.#screen.now()
  }

  #output(event: ShownEvent): void {
    const text = this.#cut + event.text
    this.#cut = ''
    const tail = text.slice(-LONGEST_CUT)
    const cut = CUT.exec(tail)?.[0] ?? ''
    const whole = cut === '' ? text : text.slice(0, -cut.length)
    if (!this.#screen.isWhole || NOT_PLAIN.test(whole)) {
      this.#draw()
      this.#screen.take({ ...event, text })
      return
    }
    this.#cut = cut
    this.#held.push(whole)
    this.#length += whole.length
    if (this.#length > MOST_HELD) this.#draw()
  }

  #draw(): void {
    const held = this.#held
    const count = this.#screen.hasRegion ? Infinity : 2 * this.#rows
    const { index, at } = lastLines(held, count)
    const isAll = index === 0 && at === 0
    const before = isAll ? '' : `\r${coloursBefore(held, index, at)}`
    const rest = held.slice(index + 1).join('')
    const drawn = before + (held[index] ?? '').slice(at) + rest + this.#cut
    this.#held = []
    this.#length = 0
    this.#cut = ''
    if (drawn !== '') this.#screen.take({ at: 0, code: 'o', text: drawn, stream: 1 })
  }
}

/** Returns the place behind which `texts` have `count` line ends; their beginning when they have no more. */
function lastLines(
  texts: readonly string[],
  count: number,
): { readonly index: number; readonly at: number } {
  let left = count
  if (left !== Infinity) {
    for (const [index, text] of [...texts.entries()].toReversed()) {
      for (
        let at = text.lastIndexOf('\r\n');
        at !== -1;
        at = at < 1 ? -1 : text.lastIndexOf('\r\n', at - 1)
      ) {
        if (left === 0) return { index, at: at + 2 }
        left -= 1
      }
    }
  }
  return { index: 0, at: 0 }
}

/** Returns the sequences that colours are made of at a place in `texts`. */
function coloursBefore(texts: readonly string[], index: number, at: number): string {
  let colours = ''
  for (let each = index; each >= 0; each -= 1) {
    const text = each === index ? (texts[each] ?? '').slice(0, at) : (texts[each] ?? '')
    if (!text.includes('\u001b')) continue
    const reset = Math.max(...RESET.map((sequence) => text.lastIndexOf(sequence)))
    colours = (text.slice(Math.max(0, reset)).match(COLOURS) ?? []).join('') + colours
    if (reset !== -1) break
  }
  return colours
}
