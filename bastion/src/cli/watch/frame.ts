import { unitLine, type WatchedRun, type WatchedUnit } from './watched-run.ts'

export interface FrameSize {
  readonly columns: number
  readonly rows: number
}

const BAR = 24

/**
 * Returns a run as lines that fit into a terminal: a bar, what is worked on, and what failed. One row stays free for the
 * cursor, and one column, behind which some terminals begin a new line.
 */
export function frameOf(run: WatchedRun, { columns, rows }: FrameSize): readonly string[] {
  const most = Math.max(1, rows - 1)
  const working = run.units.filter(({ state }) => state === 'running')
  const failed = run.units.filter(({ problem }) => problem !== undefined)
  const lines = [
    barOf(run),
    ...(run.frozen === undefined ? [] : [`  ${run.frozen}`]),
    ...working.flatMap(workLines),
    ...failed.map(unitLine),
  ]
  const shown =
    lines.length <= most
      ? lines
      : [...lines.slice(0, Math.max(1, most - 1)), `  and ${lines.length - most + 1} more lines`]
  return shown.slice(0, most).map((line) => cut(line, Math.max(1, columns - 1)))
}

function barOf({ units }: WatchedRun): string {
  const count = (wanted: string): number => units.filter(({ state }) => state === wanted).length
  const rotated = count('rotated')
  const filled = units.length === 0 ? BAR : Math.floor((BAR * rotated) / units.length)
  const bar = '#'.repeat(filled).padEnd(BAR, '-')
  const others = ['running', 'refused', 'unfinished']
    .filter((state) => count(state) > 0)
    .map((state) => `, ${count(state)} ${state}`)
  return `[${bar}] ${rotated} of ${units.length} rotated${others.join('')}`
}

function workLines(unit: WatchedUnit): readonly string[] {
  if (unit.places.length === 0) return [`  ${unit.key}  looking at its places`]
  return unit.places.map(({ name, step }) => `  ${unit.key}  ${name}  ${step}`)
}

function cut(line: string, width: number): string {
  if (line.length <= width) return line
  return width < 4 ? line.slice(0, width) : `${line.slice(0, width - 3)}...`
}
