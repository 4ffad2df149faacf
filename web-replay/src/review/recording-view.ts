import type { ChannelRow, CommandRow, RecordingDetail, RecordingRow } from '../roles.ts'
import { visibleJson, visibleText } from './visible-text.ts'

/** Returns the row as JSON for a reviewer: fields picked by name, all recorded text made visible. */
export function recordingView(row: RecordingRow): Omit<RecordingRow, 'claims'> {
  return {
    id: row.id,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    status: row.status,
    identity: visibleText(row.identity),
    issuer: visibleText(row.issuer),
    subject: visibleText(row.subject),
    login: visibleText(row.login),
    target: visibleText(row.target),
    clientAddress: visibleText(row.clientAddress),
    entry: visibleText(row.entry),
    bytes: row.bytes,
    commands: row.commands,
    denied: row.denied,
    firstChannel: row.firstChannel && {
      kind: visibleText(row.firstChannel.kind),
      activity: visibleText(row.firstChannel.activity),
      command: optionalText(row.firstChannel.command),
      exitStatus: row.firstChannel.exitStatus,
      exitSignal: optionalText(row.firstChannel.exitSignal),
    },
  }
}

/** Returns the whole recording as JSON for a reviewer, with claims, channels and commands. */
export function recordingDetailView(detail: RecordingDetail): Readonly<Record<string, unknown>> {
  return {
    recording: {
      ...recordingView(detail.recording),
      claims: visibleJson(detail.recording.claims),
    },
    channels: detail.channels.map(channelView),
    commands: detail.commands.map(commandView),
  }
}

function channelView(row: ChannelRow): Readonly<Record<string, unknown>> {
  return {
    channel: row.channel,
    kind: visibleText(row.kind),
    activity: visibleText(row.activity),
    command: optionalText(row.command),
    pty: row.pty,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    exitStatus: row.exitStatus,
    exitSignal: optionalText(row.exitSignal),
    bytes: row.bytes,
    truncated: row.truncated,
  }
}

function commandView(row: CommandRow): Readonly<Record<string, unknown>> {
  return {
    channel: row.channel,
    at: row.at,
    offset: row.offset,
    text: visibleText(row.text),
    effect: row.effect,
    rule: visibleText(row.rule),
    message: optionalText(row.message),
    judged: row.judged,
    held: row.held,
  }
}

function optionalText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : visibleText(text)
}
