import type { SQLOutputValue } from 'node:sqlite'
import { parseObject } from '../asciicast/decode-header.ts'
import type {
  ChannelRow,
  CommandRow,
  FirstChannel,
  RecordingRow,
  RecordingStatus,
} from '../rows/index.ts'

/** A row as the database gives it. */
export type Columns = Record<string, SQLOutputValue>

/** Returns a recording; its first channel is in columns of its own. */
export function toRecording(columns: Columns): RecordingRow {
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
    activity: text(columns, 'first_activity'),
    ...optionalText('command', columns['first_command']),
    ...optional('exitStatus', columns['first_exit_status']),
    ...optionalText('exitSignal', columns['first_exit_signal']),
  }
}

/** Returns a channel. */
export function toChannel(columns: Columns): ChannelRow {
  return {
    channel: Number(columns['channel']),
    kind: text(columns, 'kind'),
    activity: text(columns, 'activity'),
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

/** Returns a command. */
export function toCommand(columns: Columns): CommandRow {
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
    held: columns['held'] === 1,
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
