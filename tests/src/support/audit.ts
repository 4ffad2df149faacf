import { setTimeout as sleep } from 'node:timers/promises'
import type { Bed } from './bed.ts'

type Line = Readonly<Record<string, unknown>>

/** Returns what the audit log gains while `act` runs, and shortly after. */
export async function auditedDuring(bed: Bed, act: () => Promise<void>): Promise<readonly Line[]> {
  const before = (await bed.audit()).length
  await act()
  await sleep(50)
  return (await bed.audit()).slice(before)
}

/** The lines of one event. */
export function linesOf(lines: readonly Line[], event: string): readonly Line[] {
  return lines.filter((line) => line['event'] === event)
}

/** The lines but those of closed connections: one of an earlier test may be noticed as late as now. */
export function besidesClosed(lines: readonly Line[]): readonly Line[] {
  return lines.filter((line) => line['event'] !== 'connection.closed')
}
