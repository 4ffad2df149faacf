/**
 * The outer shape of what a terminal is sent, ECMA-48 section 5:
 *
 *   text        characters to show
 *   control     C0, and C1 as its 7-bit ESC form or as U+0080..U+009F
 *   sequence    CSI parameters intermediates final
 *   string      OSC, DCS, SOS, PM, APC up to ST; never shown
 *
 * It keeps no more than one short sequence, so that nothing can make it grow or wait for ever.
 */
export interface EscapeSink {
  text(text: string): void
  control(code: number): void
  /** ESC with a final character that is no C1 control, for example `7` and `8`. */
  escape(final: string): void
  sequence(final: string, parameters: string): void
}

const LONGEST_SEQUENCE = 128
/** A string that goes on for longer is taken to have ended: what follows would never be seen. */
const LONGEST_STRING = 64 * 1024

const ESC = 0x1b
const CAN = 0x18
const SUB = 0x1a
const BEL = 0x07
const CSI = 0x9b
const ST = 0x9c
/** DCS, SOS, OSC, PM, APC. */
const STRINGS = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f])

type State = 'ground' | 'escape' | 'designation' | 'sequence' | 'string' | 'string-escape'

/** Takes text apart, in pieces of any size, and tells the sink what it holds. */
export class EscapeParser {
  readonly #sink: EscapeSink
  #state: State = 'ground'
  #collected = ''
  #length = 0

  constructor(sink: EscapeSink) {
    this.#sink = sink
  }

  /** Takes the next piece. */
  write(text: string): void {
    let shown = 0
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (this.#state === 'ground' && code >= 0x20 && (code < 0x7f || code > 0x9f)) continue
      if (shown < at && this.#state === 'ground') this.#sink.text(text.slice(shown, at))
      this.#take(code, text.charAt(at))
      shown = at + 1
    }
    if (shown < text.length && this.#state === 'ground') this.#sink.text(text.slice(shown))
  }

  #take(code: number, character: string): void {
    const inString = this.#state === 'string' || this.#state === 'string-escape'
    if (code === CAN || code === SUB) {
      this.#state = 'ground'
    } else if (code === ESC) {
      this.#state = this.#state === 'string' ? 'string-escape' : 'escape'
    } else if (inString) {
      this.#inString(code, character)
    } else if (code < 0x20) {
      // Controls act at once, also in the middle of a sequence.
      this.#sink.control(code)
    } else if (code >= 0x80 && code <= 0x9f) {
      this.#begin(code)
    } else {
      this.#inSequence(code, character)
    }
  }

  #inString(code: number, character: string): void {
    this.#length += 1
    if (this.#state === 'string-escape' && character !== '\\') {
      // An escape that is no end of the string begins something new.
      this.#state = 'escape'
      this.#inSequence(code, character)
    } else if (this.#state === 'string-escape' || code === BEL || code === ST) {
      this.#state = 'ground'
    } else if (this.#length > LONGEST_STRING) {
      this.#state = 'ground'
    }
  }

  #inSequence(code: number, character: string): void {
    switch (this.#state) {
      case 'escape':
        this.#afterEscape(code, character)
        break
      case 'designation':
        if (code >= 0x30) this.#state = 'ground'
        break
      case 'sequence':
        if (code >= 0x40 && code <= 0x7e) {
          this.#state = 'ground'
          if (this.#collected.length <= LONGEST_SEQUENCE) {
            this.#sink.sequence(character, this.#collected)
          }
        } else if (code > 0x7e) {
          this.#state = 'ground'
        } else if (this.#collected.length <= LONGEST_SEQUENCE) {
          this.#collected += character
        }
        break
      case 'ground':
      case 'string':
      case 'string-escape':
        break
    }
  }

  #afterEscape(code: number, character: string): void {
    this.#state = 'ground'
    if (code >= 0x20 && code <= 0x2f) this.#state = 'designation'
    else if (code >= 0x40 && code <= 0x5f) this.#begin(code + 0x40)
    else if (code >= 0x30 && code <= 0x7e) this.#sink.escape(character)
  }

  #begin(code: number): void {
    this.#collected = ''
    this.#length = 0
    if (code === CSI) this.#state = 'sequence'
    else if (STRINGS.has(code)) this.#state = 'string'
    else {
      this.#state = 'ground'
      this.#sink.control(code)
    }
  }
}
