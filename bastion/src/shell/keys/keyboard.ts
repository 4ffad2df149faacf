import { control, type Key, type KeyName } from './key.ts'
import { PasteReader } from './paste-reader.ts'
import { characterLength, decodeText } from './utf8.ts'

type State =
  | { readonly kind: 'ground' }
  | { readonly kind: 'escape' }
  | { readonly kind: 'csi'; readonly parameters: string }
  | { readonly kind: 'ss3' }
  /** A device or system control string: nothing in it is a key. */
  | { readonly kind: 'string' }
  | { readonly kind: 'skip'; readonly left: number }
  | { readonly kind: 'character'; readonly bytes: readonly number[]; readonly length: number }
  | { readonly kind: 'paste'; readonly reader: PasteReader }

const ground: State = { kind: 'ground' }
const nothing: readonly Key[] = []
const maxParameters = 16
const mouseReport = 3

const finals: ReadonlyMap<string, KeyName> = new Map([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['H', 'home'],
  ['F', 'end'],
])
const tildes: ReadonlyMap<string, KeyName> = new Map([
  ['1', 'home'],
  ['7', 'home'],
  ['4', 'end'],
  ['8', 'end'],
  ['3', 'delete'],
])

/**
 * Reads keys from the bytes of a terminal, one byte at a time, however they are split into packets. A
 * sequence that is not known is swallowed whole; its state has a fixed size, but for a paste.
 */
export class Keyboard {
  readonly #pasteCap: number
  #state: State = ground
  #afterReturn = false

  constructor(pasteCap: number) {
    this.#pasteCap = pasteCap
  }

  /** Returns the keys that this byte completes. */
  take(byte: number): readonly Key[] {
    const state = this.#state
    switch (state.kind) {
      case 'ground':
        return this.#plain(byte)
      case 'escape':
        return this.#escape(byte)
      case 'csi':
        return this.#csi(byte, state.parameters)
      case 'ss3':
        return this.#last(byte, finals.get(String.fromCharCode(byte)))
      case 'string':
        return this.#string(byte)
      case 'skip':
        this.#state = state.left > 1 ? { kind: 'skip', left: state.left - 1 } : ground
        return nothing
      case 'character':
        return this.#character(byte, state.bytes, state.length)
      case 'paste':
        if (!state.reader.take(byte)) return nothing
        this.#state = ground
        return [{ kind: 'paste', text: state.reader.text() }]
    }
  }

  #plain(byte: number): readonly Key[] {
    const second = byte === control.lf && this.#afterReturn
    this.#afterReturn = byte === control.cr
    this.#state = ground
    if (second) return nothing
    if (byte === control.escape) {
      this.#state = { kind: 'escape' }
      return nothing
    }
    if (byte < 0x20 || byte === control.del) return [{ kind: 'control', code: byte }]
    const length = characterLength(byte)
    if (length === 0) return [{ kind: 'malformed' }]
    if (length === 1) return [{ kind: 'character', text: String.fromCharCode(byte) }]
    this.#state = { kind: 'character', bytes: [byte], length }
    return nothing
  }

  #escape(byte: number): readonly Key[] {
    if (byte < 0x20) return this.#plain(byte)
    const character = String.fromCharCode(byte)
    if (character === '[') this.#state = { kind: 'csi', parameters: '' }
    else if (character === 'O') this.#state = { kind: 'ss3' }
    else if (']PX^_'.includes(character)) this.#state = { kind: 'string' }
    else return this.#last(byte, undefined)
    return nothing
  }

  #csi(byte: number, parameters: string): readonly Key[] {
    if (byte >= 0x20 && byte < 0x40) {
      const more = parameters + String.fromCharCode(byte)
      this.#state = { kind: 'csi', parameters: more.slice(0, maxParameters + 1) }
      return nothing
    }
    const final = String.fromCharCode(byte)
    if (final === '~' && parameters === '200') {
      this.#state = { kind: 'paste', reader: new PasteReader(this.#pasteCap) }
      return nothing
    }
    // The console's function keys and old mouse reports go on behind what looks like their end.
    if (parameters === '' && (final === '[' || final === 'M')) {
      this.#state = { kind: 'skip', left: final === '[' ? 1 : mouseReport }
      return nothing
    }
    const name = final === '~' ? tildes.get(parameters) : finals.get(final)
    return this.#last(byte, parameters === '' || final === '~' ? name : undefined)
  }

  // A control inside a sequence ends it and counts, so that an interrupt always does.
  #last(byte: number, name: KeyName | undefined): readonly Key[] {
    if (byte < 0x20 || byte >= 0x7f) return this.#plain(byte)
    this.#state = ground
    return name === undefined ? nothing : [{ kind: 'named', name }]
  }

  #string(byte: number): readonly Key[] {
    if (byte === 0x07 || byte === control.cancel || byte === control.substitute)
      this.#state = ground
    else if (byte === control.escape) this.#state = { kind: 'escape' }
    else if (byte === control.c) return this.#plain(byte)
    return nothing
  }

  #character(byte: number, before: readonly number[], length: number): readonly Key[] {
    if (byte < 0x80 || byte > 0xbf) return [{ kind: 'malformed' }, ...this.#plain(byte)]
    const bytes = [...before, byte]
    if (bytes.length < length) {
      this.#state = { kind: 'character', bytes, length }
      return nothing
    }
    this.#state = ground
    const text = decodeText(Uint8Array.from(bytes))
    return [text === undefined ? { kind: 'malformed' } : { kind: 'character', text }]
  }
}
