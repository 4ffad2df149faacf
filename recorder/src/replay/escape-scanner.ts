/** What a scanner finds. `text` holds no control characters; a control is one character below U+0020, or DEL. */
export interface EscapeSink {
  text(text: string): void
  control(character: string): void
  /** A control sequence, without its introducer: `params` may hold private markers and intermediates. */
  csi(params: string, final: string): void
  /** An escape sequence of another kind, without the escape: intermediates and the final character. */
  escape(sequence: string): void
  /** A string (a title, a link, a picture) that came to no end within the limit; what follows is taken for text. */
  endless(): void
}

const LONGEST_PARAMS = 256
const LONGEST_STRING = 64 * 1024

type State = 'ground' | 'escape' | 'csi' | 'string' | 'string-escape'

/**
 * Cuts what a terminal is sent into text and sequences (ECMA-48, in the way of the terminals of today), a character at
 * a time, so that sequences may be cut at any place, and with bounded memory.
 */
export class EscapeScanner {
  readonly #sink: EscapeSink
  #state: State = 'ground'
  #held = ''
  #stringLength = 0

  constructor(sink: EscapeSink) {
    this.#sink = sink
  }

  /** False in the middle of a sequence. */
  get isWhole(): boolean {
    return this.#state === 'ground'
  }

  feed(text: string): void {
    let start = 0
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (this.#state === 'ground') {
        if (code >= 0x20 && (code < 0x7f || code > 0x9f)) {
          at = endOfText(text, at + 1) - 1
          continue
        }
        if (at > start) this.#sink.text(text.slice(start, at))
        start = at + 1
        this.#begin(code)
      } else {
        start = this.#isKept(code, text.charAt(at)) ? at : at + 1
      }
    }
    if (this.#state === 'ground' && start < text.length) this.#sink.text(text.slice(start))
  }

  #begin(code: number): void {
    this.#held = ''
    this.#stringLength = 0
    if (code === 0x1b) this.#state = 'escape'
    else if (code === 0x9b) this.#state = 'csi'
    else if (code === 0x90 || code === 0x98 || code >= 0x9d) this.#state = 'string'
    else if (code < 0x80) this.#sink.control(String.fromCharCode(code))
  }

  /** Takes a character inside a sequence; true when it belongs to the text that follows. */
  #isKept(code: number, character: string): boolean {
    if (code === 0x18 || code === 0x1a) {
      this.#state = 'ground'
      return false
    }
    switch (this.#state) {
      case 'escape':
        this.#escape(code, character)
        return false
      case 'csi':
        return this.#csi(code, character)
      case 'string':
      case 'string-escape':
        return this.#string(code)
      case 'ground':
        return true
    }
  }

  #escape(code: number, character: string): void {
    if (code === 0x1b) this.#held = ''
    else if (code < 0x20) this.#sink.control(character)
    else if (code < 0x30) this.#held = (this.#held + character).slice(0, LONGEST_PARAMS)
    else if (this.#held === '' && character === '[') this.#state = 'csi'
    else if (this.#held === '' && 'P]X^_'.includes(character)) this.#state = 'string'
    else {
      this.#state = 'ground'
      this.#sink.escape(this.#held + character)
    }
  }

  #csi(code: number, character: string): boolean {
    if (code === 0x1b) this.#begin(code)
    else if (code < 0x20) this.#sink.control(character)
    else if (code < 0x40) this.#held = (this.#held + character).slice(0, LONGEST_PARAMS)
    else {
      this.#state = 'ground'
      if (code > 0x9f) return true
      if (code > 0x7e) this.#begin(code)
      else this.#sink.csi(this.#held, character)
    }
    return false
  }

  #string(code: number): boolean {
    if (this.#state === 'string-escape') {
      this.#begin(0x1b)
      if (code !== 0x5c) return this.#isKept(code, String.fromCharCode(code))
      this.#state = 'ground'
      return false
    }
    this.#stringLength += 1
    if (code === 0x1b) this.#state = 'string-escape'
    else if (code === 0x07 || code === 0x9c) this.#state = 'ground'
    else if (this.#stringLength > LONGEST_STRING) {
      this.#state = 'ground'
      this.#sink.endless()
    }
    return false
  }
}

/** Returns where the next control character is, from `at` on. */
function endOfText(text: string, at: number): number {
  let end = at
  while (end < text.length) {
    const code = text.charCodeAt(end)
    if (code < 0x20 || (code > 0x7e && code < 0xa0)) break
    end += 1
  }
  return end
}
