/** One line of the result. `reference` is OpenSSH's own figure; null where it has none. */
export interface Row {
  readonly name: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly ours: number
  readonly reference: number | null
  readonly ratio: number | null
}

export interface BenchOptions {
  /** Fewer and shorter rounds: for a look, not for a claim. */
  readonly quick: boolean
  readonly wants: (name: string) => boolean
  readonly progress: (text: string) => void
}

export function row(
  name: string,
  unit: string,
  better: Row['better'],
  ours: number,
  reference: number | null,
): Row {
  const rounded = (value: number): number => Number(value.toPrecision(4))
  return {
    name,
    unit,
    better,
    ours: rounded(ours),
    reference: reference === null ? null : rounded(reference),
    ratio: reference === null ? null : Number((ours / reference).toFixed(3)),
  }
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
