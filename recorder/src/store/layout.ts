import { join } from 'node:path'

/** Name of the file with a connection's events. */
export const EVENTS_FILE = 'events.ndjson'

/** True when `id` can name a recording: letters, digits, `-` and `_`, 8 to 64 of them. */
export function isRecordingId(id: string): boolean {
  return /^[A-Za-z0-9_-]{8,64}$/.test(id)
}

/** True when `channel` can number a channel's recording. */
export function isChannelNumber(channel: number): boolean {
  return Number.isSafeInteger(channel) && channel >= 0 && channel <= 0xffff_ffff
}

/** Returns the folder below which all recordings lie. */
export function recordingsFolder(root: string): string {
  return join(root, 'recordings')
}

/** Returns the folder of one UTC day: `recordings/YYYY/MM/DD`. */
export function dayFolder(root: string, day: Date): string {
  const [year, month, date] = day.toISOString().slice(0, 10).split('-') as [string, string, string]
  return join(recordingsFolder(root), year, month, date)
}

/** Returns the name of a channel's file. */
export function castFileName(channel: number): string {
  return `${channel}.cast`
}
