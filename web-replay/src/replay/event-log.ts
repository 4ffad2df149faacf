import type { RecordingFile } from '@sallyport/recorder/store'
import { visibleJson, visibleText } from '../review/visible-text.ts'

const MOST_BYTES = 2_000_000
const MOST_EVENTS = 2000

export interface EventLog {
  readonly events: readonly Readonly<Record<string, unknown>>[]
  /** True when there are more than are given. */
  readonly more: boolean
}

/** Returns the first events of a connection's log, as JSON for a reviewer. */
export async function readEventLog(file: RecordingFile): Promise<EventLog> {
  const parts: Uint8Array[] = []
  for await (const part of file.chunks({ to: MOST_BYTES })) parts.push(part)
  const text = Buffer.concat(parts).toString('utf8')
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  const events = lines
    .slice(0, MOST_EVENTS)
    .map(eventView)
    .filter((event) => event !== undefined)
  return { events, more: lines.length > MOST_EVENTS + 1 || file.size > MOST_BYTES }
}

function eventView(line: string): Readonly<Record<string, unknown>> | undefined {
  if (line === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const name = fields.get('event')
  const at = Date.parse(String(fields.get('at')))
  if (typeof name !== 'string' || Number.isNaN(at)) return undefined
  return { at, name: visibleText(name), detail: visibleJson(fields.get('detail')) }
}
