/** Events that the recorder itself writes to a connection's log; callers may not use these names. */
export const OWN_EVENTS = [
  'recording.started',
  'recording.channelOpened',
  'recording.channelClosed',
  'recording.ended',
  'recording.failed',
  'recording.torn',
  'recording.interrupted',
] as const

/** Name of one of the recorder's own events. */
export type OwnEvent = (typeof OWN_EVENTS)[number]

/** True for a name that only the recorder may use. */
export function isOwnEvent(name: string): name is OwnEvent {
  return OWN_EVENTS.some((own) => own === name)
}

/** True when nothing can follow this event: the recording was closed, or repaired. */
export function isFinalEvent(name: unknown): boolean {
  return name === 'recording.ended' || name === 'recording.interrupted'
}

/** Returns one line of a connection's log. `offset` is seconds since its start, decimal. */
export function encodeConnectionEvent(
  at: Date,
  offset: string | number,
  name: string,
  detail: Readonly<Record<string, unknown>>,
): string {
  const head = `{"at":"${at.toISOString()}","offset":${offset},"event":${JSON.stringify(name)}`
  return `${head},"detail":${JSON.stringify(detail)}}\n`
}
