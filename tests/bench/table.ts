import type { Row } from './row.ts'

/** Returns the rows as a table for people. */
export function table(machine: string, rows: readonly Row[]): string {
  const cells = [
    ['', 'unit', 'sallyport', 'ssh -J', 'ratio', 'better'],
    ...rows.map((row) => [
      row.name,
      row.unit,
      String(row.ours),
      row.reference === null ? '-' : String(row.reference),
      row.ratio === null ? '-' : row.ratio.toFixed(2),
      row.better,
    ]),
  ]
  const widths = (cells[0] ?? []).map((_, column) => {
    return Math.max(...cells.map((line) => line[column]?.length ?? 0))
  })
  const lines = cells.map((line) => {
    return line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 || column === 1 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
  })
  return [machine, '', ...lines].join('\n')
}
