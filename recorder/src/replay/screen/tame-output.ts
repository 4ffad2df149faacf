import { EscapeScanner } from '../escape-scanner.ts'
import type { Modes } from './modes.ts'

/** No terminal here is larger, so that a larger count does no more. */
const MOST = 500
/** Sequences whose parameters are counts or places; those of others are numbers of modes and colours. */
const COUNTED = 'ABCDEFGHILMPSTXZ@`abdefjk'
const LONGEST_OUTPUT = 1_000_000

/**
 * Takes what a terminal is sent, and gives it back without what could stall one: titles, links and pictures are left
 * out, and counts are cut to what has an effect.
 */
export class TameOutput {
  #out = ''
  readonly #scanner: EscapeScanner

  /** `modes` hears of each sequence. */
  constructor(modes: Modes) {
    this.#scanner = new EscapeScanner({
      text: (text) => this.#add(text),
      control: (character) => this.#add(character),
      csi: (params, final) => {
        modes.csi(params, final)
        this.#add(`\u001b[${COUNTED.includes(final) ? cut(params) : params}${final}`)
      },
      escape: (sequence) => {
        modes.escape(sequence)
        this.#add(`\u001b${sequence}`)
      },
      endless: () => undefined,
    })
  }

  feed(text: string): void {
    this.#scanner.feed(text)
  }

  /** False in the middle of a sequence. */
  get isWhole(): boolean {
    return this.#scanner.isWhole
  }

  /** True when there is enough to be taken. */
  get isFull(): boolean {
    return this.#out.length > LONGEST_OUTPUT
  }

  take(): string {
    const out = this.#out
    this.#out = ''
    return out
  }

  #add(text: string): void {
    this.#out += text
  }
}

function cut(params: string): string {
  return params.replaceAll(/\d+/g, (digits) => (digits.length > 4 ? String(MOST) : atMost(digits)))
}

function atMost(digits: string): string {
  return Number(digits) > MOST ? String(MOST) : digits
}
