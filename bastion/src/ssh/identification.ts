/** What may come up to the end of the identification line, lines of greeting before a server's included. */
const LONGEST = 64 << 10
const PREFIX = 'SSH-'
const none: Buffer = Buffer.alloc(0)

/**
 * Gathers what a peer says first, up to the end of its identification line (RFC 4253 section 4.2). It may come in any
 * number of pieces, and of three ssh2 keeps the first alone.
 */
export class Identification {
  readonly #mayGreet: boolean
  #held: Buffer | undefined = none

  /** Only a server may say something else before. */
  constructor(peer: 'client' | 'server') {
    this.#mayGreet = peer === 'server'
  }

  /** Returns what can be parsed: nothing until the line is whole, then all that came, and later what it is given. */
  take(bytes: Buffer): Buffer {
    if (this.#held === undefined) return bytes
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    if (this.#isWhole(all)) {
      this.#held = undefined
      return all
    }
    this.#held = Buffer.from(all)
    return none
  }

  /** Also true for what can never become one: whoever parses it says so. */
  #isWhole(all: Buffer): boolean {
    if (all.length > LONGEST) return true
    const start = all.toString('latin1', 0, PREFIX.length)
    if (!this.#mayGreet && !PREFIX.startsWith(start)) return true
    const line = start === PREFIX ? 0 : all.indexOf(`\n${PREFIX}`) + 1
    return (line > 0 || start === PREFIX) && all.indexOf('\n', line) >= 0
  }
}
