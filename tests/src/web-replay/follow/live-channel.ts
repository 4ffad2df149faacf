import type { LiveChannel, LiveRecordings } from '@sallyport/web-replay/app'
import { START, type TestCasts } from '../support/recordings.ts'

/** One channel that a test lets run: what it adds is in the file first, and told then. */
export class RunningChannel implements LiveRecordings {
  readonly #casts: TestCasts
  readonly #name: string
  readonly #watchers = new Set<() => void>()
  isOpen = true
  channels = 1
  size = { cols: 80, rows: 24 }

  constructor(casts: TestCasts, name: string) {
    this.#casts = casts
    this.#name = name
  }

  get watchers(): number {
    return this.#watchers.size
  }

  watch(
    recordingId: string,
    channel: number,
    onChange: () => void,
  ): ReturnType<LiveRecordings['watch']> {
    if (!this.isOpen || `${recordingId}/${channel}` !== this.#name) return undefined
    this.#watchers.add(onChange)
    const stop = (): void => void this.#watchers.delete(onChange)
    return Object.assign(this.#state(), { stop })
  }

  /** What is asked for is what it is then. */
  #state(): Pick<LiveChannel, 'startedAt' | 'size' | 'isOpen' | 'channels'> {
    const of = <Value>(get: () => Value): PropertyDescriptor => ({ get, enumerable: true })
    const state = { startedAt: START, size: this.size, isOpen: true, channels: 1 }
    return Object.defineProperties(state, {
      size: of(() => this.size),
      isOpen: of(() => this.isOpen),
      channels: of(() => this.channels),
    })
  }

  /** Adds raw text to the file. */
  add(text: string): void {
    this.#casts.texts.set(this.#name, (this.#casts.texts.get(this.#name) ?? '') + text)
    this.tell()
  }

  event(interval: number, code: string, text: string): void {
    this.add(`${JSON.stringify([interval, code, text])}\n`)
  }

  end(): void {
    this.isOpen = false
    this.tell()
  }

  tell(): void {
    for (const watcher of this.#watchers) watcher()
  }
}
