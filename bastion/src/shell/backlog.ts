/** Bytes that wait to be looked at, bounded, taken one at a time. */
export class Backlog {
  readonly #cap: number
  #chunks: Buffer[] = []
  #at = 0
  #size = 0

  constructor(cap: number) {
    this.#cap = cap
  }

  get empty(): boolean {
    return this.#size === 0
  }

  /** Keeps a copy; false, and nothing kept, when that would be too much. */
  add(bytes: Buffer): boolean {
    if (this.#size + bytes.length > this.#cap) return false
    if (bytes.length > 0) this.#chunks.push(Buffer.from(bytes))
    this.#size += bytes.length
    return true
  }

  take(): number | undefined {
    const byte = this.#chunks[0]?.[this.#at]
    if (byte === undefined) return undefined
    this.#size -= 1
    this.#at += 1
    if (this.#at === this.#chunks[0]?.length) {
      this.#chunks.shift()
      this.#at = 0
    }
    return byte
  }

  clear(): void {
    this.#chunks = []
    this.#at = 0
    this.#size = 0
  }
}
