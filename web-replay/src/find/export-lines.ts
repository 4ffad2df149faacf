import { setImmediate } from 'node:timers/promises'
import { recordingView } from '../review/recording-view.ts'
import { visibleJson } from '../review/visible-text.ts'
import type { RecordingFilters, RecordingRow, Scope, SessionCatalog } from '../roles.ts'
import { csvLine } from './csv.ts'

/** The forms in which a list can be taken away. */
export type ExportFormat = 'csv' | 'jsonl'

const PAGE = 200

const COLUMNS: readonly string[] = [
  'id',
  'started',
  'ended',
  'status',
  'identity',
  'issuer',
  'subject',
  'login',
  'target',
  'client_address',
  'entry',
  'activity',
  'command',
  'exit_status',
  'exit_signal',
  'commands',
  'denied',
  'bytes',
  'claims',
]

/**
 * Yields the lines of every recording that passes, newest first. One page is held at a time, and
 * between two pages everything else that the process does comes first.
 */
export async function* exportLines(
  catalog: SessionCatalog,
  wanted: { readonly filters: RecordingFilters; readonly scope: Scope },
  format: ExportFormat,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield csvLine(COLUMNS)
  let before: string | undefined
  do {
    const page = await catalog.listRecordings({ ...wanted, limit: PAGE, before })
    if (page === undefined) throw new TypeError('the catalog refused its own cursor')
    yield page.rows.map(format === 'csv' ? csvRow : jsonRow).join('')
    before = page.next
    await setImmediate()
  } while (before !== undefined)
}

function jsonRow(row: RecordingRow): string {
  return `${JSON.stringify({ ...recordingView(row), claims: visibleJson(row.claims) })}\n`
}

function csvRow(row: RecordingRow): string {
  const view = recordingView(row)
  const first = view.firstChannel
  return csvLine([
    view.id,
    moment(view.startedAt),
    view.endedAt === undefined ? undefined : moment(view.endedAt),
    view.status,
    view.identity,
    view.issuer,
    view.subject,
    view.login,
    view.target,
    view.clientAddress,
    view.entry,
    first?.activity,
    first?.command,
    first?.exitStatus,
    first?.exitSignal,
    view.commands,
    view.denied,
    view.bytes,
    JSON.stringify(visibleJson(row.claims)),
  ])
}

function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
