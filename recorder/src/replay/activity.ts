import type { StreamNumber } from '../asciicast/cast.ts'
import type { Activity } from './outline.ts'

const BUCKETS = 400
const FIRST_STEP = 50_000

/** Counts output over time in a bounded number of stretches, which grow with the recording. */
export class ActivityCounter {
  #step = FIRST_STEP
  readonly #stdout: number[] = []
  readonly #stderr: number[] = []

  /** `at` is in microseconds, and never less than before. */
  add(at: number, stream: StreamNumber, length: number): void {
    while (at >= this.#step * BUCKETS) this.#halve()
    const counts = stream === 2 ? this.#stderr : this.#stdout
    const bucket = Math.floor(at / this.#step)
    counts[bucket] = (counts[bucket] ?? 0) + length
  }

  /** Returns the counts up to `end`. */
  counts(end: number): Activity {
    const length = Math.min(BUCKETS, Math.floor(end / this.#step) + 1)
    const filled = (counts: readonly number[]): readonly number[] =>
      Array.from({ length }, (_, index) => counts[index] ?? 0)
    return {
      step: this.#step / 1e6,
      stdout: filled(this.#stdout),
      stderr: filled(this.#stderr),
    }
  }

  #halve(): void {
    this.#step *= 2
    for (const counts of [this.#stdout, this.#stderr]) {
      for (let bucket = 0; bucket < BUCKETS / 2; bucket += 1) {
        counts[bucket] = (counts[2 * bucket] ?? 0) + (counts[2 * bucket + 1] ?? 0)
      }
      counts.length = BUCKETS / 2
    }
  }
}
