const maxLines = 200
const maxCharacters = 128 << 10

/** The lines of this shell alone, oldest first, bounded in number and size. */
export class History {
  #lines: string[] = []
  #characters = 0
  /** The line shown, counted from the oldest; as many as there are lines while it is the newest. */
  #at = 0
  /** What was being typed when the walk through older lines began. */
  #draft = ''

  get lines(): readonly string[] {
    return this.#lines
  }

  add(line: string): void {
    if (line.trim() !== '' && line !== this.#lines.at(-1)) {
      this.#lines.push(line)
      this.#characters += line.length
    }
    while (this.#lines.length > maxLines || this.#characters > maxCharacters)
      this.#characters -= this.#lines.shift()?.length ?? 0
    this.rest()
  }

  /** The next walk begins at the newest line. */
  rest(): void {
    this.#at = this.#lines.length
    this.#draft = ''
  }

  /** Returns the line before the one shown, or undefined at the oldest. */
  older(shown: string): string | undefined {
    if (this.#at === 0) return undefined
    if (this.#at === this.#lines.length) this.#draft = shown
    this.#at -= 1
    return this.#lines[this.#at]
  }

  /** Returns the line after the one shown, at last what was being typed; undefined behind that. */
  newer(): string | undefined {
    if (this.#at === this.#lines.length) return undefined
    this.#at += 1
    return this.#at === this.#lines.length ? this.#draft : this.#lines[this.#at]
  }
}
