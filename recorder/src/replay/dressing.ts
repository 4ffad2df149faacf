import type { ShownEvent } from '../view/shown-events.ts'

/** A terminal that changes its size more often is shown at its last one, in microseconds. */
const RESIZE_PAUSE = 100_000
const RED = '\u001b[31m'
const NOT_RED = '\u001b[39m'

export interface DressingState {
  readonly resizedAt: number
  readonly waiting: string
}

/**
 * Makes shown events ready for a terminal. Output that had none is given the carriage returns it lacks, and its
 * standard error is red. Of many resizes in a row only some are left: whoever is recorded chooses their number, and
 * each costs a browser a new layout.
 */
export class Dressing {
  readonly #pty: boolean
  #resizedAt: number
  #waiting: string
  /** Resizes that were left out. */
  skipped = 0

  constructor(pty: boolean, state?: DressingState) {
    this.#pty = pty
    this.#resizedAt = state?.resizedAt ?? -RESIZE_PAUSE
    this.#waiting = state?.waiting ?? ''
  }

  get state(): DressingState {
    return { resizedAt: this.#resizedAt, waiting: this.#waiting }
  }

  event(event: ShownEvent): readonly ShownEvent[] {
    const mayResize = event.at - this.#resizedAt >= RESIZE_PAUSE
    if (event.code === 'r' && !mayResize) {
      if (this.#waiting !== '') this.skipped += 1
      this.#waiting = event.text
      return []
    }
    if (event.code === 'r') {
      if (this.#waiting !== '') this.skipped += 1
      this.#waiting = ''
      this.#resizedAt = event.at
      return [event]
    }
    const late = mayResize ? this.#lateResize(event) : []
    return [...late, this.#dressed(event)]
  }

  /** Returns the resize that still waits. */
  end(at: number): readonly ShownEvent[] {
    return this.#lateResize({ at, code: 'r', text: '', stream: 1 })
  }

  #lateResize(event: ShownEvent): readonly ShownEvent[] {
    if (this.#waiting === '') return []
    const text = this.#waiting
    this.#waiting = ''
    this.#resizedAt = event.at
    return [{ at: event.at, code: 'r', text, stream: event.stream }]
  }

  #dressed(event: ShownEvent): ShownEvent {
    if (this.#pty || event.code !== 'o' || event.isNotice === true) return event
    const text = event.text.replaceAll(/\r?\n/g, '\r\n')
    return { ...event, text: event.stream === 2 ? `${RED}${text}${NOT_RED}` : text }
  }
}
