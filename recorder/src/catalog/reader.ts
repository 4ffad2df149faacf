import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { parseObject } from '../asciicast/decode-header.ts'
import { type Cursor, decodeCursor, encodeCursor } from './cursor.ts'
import type {
  ChannelRow,
  CommandRow,
  FirstChannel,
  RecordingDetail,
  RecordingPage,
  RecordingRow,
  RecordingStatus,
} from './rows.ts'

const PAGE_LIMIT = 200

type Columns = Record<string, SQLOutputValue>

/** The part of a catalog that reads. */
export interface CatalogReader {
  /**
   * Returns up to `limit` (at most 200) recordings, newest first, that come after the cursor
   * `before` in the list; undefined when `before` is no cursor.
   */
  listRecordings(query: { limit: number; before?: string }): RecordingPage | undefined
  /** Returns a recording with its channels and commands, or undefined when there is none. */
  getRecording(id: string): RecordingDetail | undefined
  /** Returns the ids of recordings that have not ended. */
  listRunning(): string[]
}

/** Returns the reading half of a catalog; `settle` is called before each reading. */
export function createReader(database: DatabaseSync, settle: () => void): CatalogReader {
  const select = `SELECT r.*, c.kind AS first_kind, c.command AS first_command,
      c.exit_status AS first_exit_status, c.exit_signal AS first_exit_signal
    FROM recordings r LEFT JOIN channels c ON c.recording = r.id
      AND c.channel = (SELECT min(channel) FROM channels WHERE recording = r.id)`
  const order = 'ORDER BY r.started_at DESC, r.id DESC LIMIT ?'
  const newest = database.prepare(`${select} ${order}`)
  const older = database.prepare(`${select} WHERE (r.started_at, r.id) < (?, ?) ${order}`)
  const one = database.prepare(`${select} WHERE r.id = ?`)
  const channels = database.prepare('SELECT * FROM channels WHERE recording = ? ORDER BY channel')
  const commands = database.prepare('SELECT * FROM commands WHERE recording = ? ORDER BY number')
  const running = database.prepare("SELECT id FROM recordings WHERE status = 'running' ORDER BY id")
  const page = (limit: number, cursor: Cursor | undefined): Columns[] =>
    cursor === undefined ? newest.all(limit) : older.all(cursor.startedAt, cursor.id, limit)
  return {
    listRecordings({ limit, before }) {
      if (!Number.isInteger(limit) || limit < 1) throw new TypeError('"limit" must be 1 or more')
      const cursor = before === undefined ? undefined : decodeCursor(before)
      if (before !== undefined && cursor === undefined) return undefined
      settle()
      const size = Math.min(limit, PAGE_LIMIT)
      const found = page(size + 1, cursor).map(toRecording)
      const rows = found.slice(0, size)
      const last = rows.at(-1)
      if (last === undefined || found.length <= size) return { rows }
      return { rows, next: encodeCursor(last) }
    },
    getRecording(id): RecordingDetail | undefined {
      settle()
      const columns = one.get(id)
      if (columns === undefined) return undefined
      return {
        recording: toRecording(columns),
        channels: channels.all(id).map(toChannel),
        commands: commands.all(id).map(toCommand),
      }
    },
    listRunning() {
      settle()
      return running.all().map((columns) => text(columns, 'id'))
    },
  }
}

function toRecording(columns: Columns): RecordingRow {
  const firstChannel = toFirstChannel(columns)
  return {
    id: text(columns, 'id'),
    startedAt: Number(columns['started_at']),
    ...optional('endedAt', columns['ended_at']),
    // The table's own CHECK holds this column to the four words.
    status: text(columns, 'status') as RecordingStatus,
    identity: text(columns, 'identity'),
    issuer: text(columns, 'issuer'),
    subject: text(columns, 'subject'),
    login: text(columns, 'login'),
    target: text(columns, 'target'),
    clientAddress: text(columns, 'client_address'),
    entry: text(columns, 'entry'),
    bytes: Number(columns['bytes']),
    commands: Number(columns['commands']),
    denied: Number(columns['denied']),
    claims: parseObject(text(columns, 'claims')) ?? {},
    ...(firstChannel === undefined ? {} : { firstChannel }),
  }
}

function toFirstChannel(columns: Columns): FirstChannel | undefined {
  const kind = columns['first_kind']
  if (typeof kind !== 'string') return undefined
  return {
    kind,
    ...optionalText('command', columns['first_command']),
    ...optional('exitStatus', columns['first_exit_status']),
    ...optionalText('exitSignal', columns['first_exit_signal']),
  }
}

function toChannel(columns: Columns): ChannelRow {
  return {
    channel: Number(columns['channel']),
    kind: text(columns, 'kind'),
    castFile: text(columns, 'cast_file'),
    ...optionalText('command', columns['command']),
    pty: columns['pty'] === 1,
    startedAt: Number(columns['started_at']),
    ...optional('endedAt', columns['ended_at']),
    ...optional('exitStatus', columns['exit_status']),
    ...optionalText('exitSignal', columns['exit_signal']),
    bytes: Number(columns['bytes']),
    truncated: columns['truncated'] === 1,
  }
}

function toCommand(columns: Columns): CommandRow {
  return {
    channel: Number(columns['channel']),
    at: Number(columns['at']),
    offset: Number(columns['offset']),
    text: text(columns, 'text'),
    effect: columns['effect'] === 'allow' ? 'allow' : 'deny',
    rule: text(columns, 'rule'),
    // Written by us, from the same type.
    argv: JSON.parse(text(columns, 'argv')) as readonly (readonly string[])[],
    ...optionalText('message', columns['message']),
    judged: columns['judged'] === 1,
  }
}

function text(columns: Columns, name: string): string {
  const value = columns[name]
  return typeof value === 'string' ? value : ''
}

function optional<Name extends string>(
  name: Name,
  value: SQLOutputValue | undefined,
): Partial<Record<Name, number>> {
  return typeof value === 'number' ? ({ [name]: value } as Record<Name, number>) : {}
}

function optionalText<Name extends string>(
  name: Name,
  value: SQLOutputValue | undefined,
): Partial<Record<Name, string>> {
  return typeof value === 'string' ? ({ [name]: value } as Record<Name, string>) : {}
}
