const RECORDING_ID = /^[A-Za-z0-9_-]{8,64}$/
const CHANNEL = /^(?:0|[1-9][0-9]{0,8})$/
const CURSOR = /^[\x21-\x7e]{1,200}$/
const LIMIT = /^[1-9][0-9]{0,2}$/

/** Returns a recording id that is safe in a path, or undefined. */
export function parseRecordingId(text: unknown): string | undefined {
  return typeof text === 'string' && RECORDING_ID.test(text) ? text : undefined
}

/** Returns a channel number, or undefined. */
export function parseChannel(text: unknown): number | undefined {
  return typeof text === 'string' && CHANNEL.test(text) ? Number(text) : undefined
}

/** Outcome of reading `?before=&limit=`; `problem` is a sentence for the caller. */
export type PageQuery =
  | { readonly kind: 'query'; readonly limit: number; readonly before?: string }
  | { readonly kind: 'malformed'; readonly problem: string }

/** Returns the page that a list request asks for: 50 rows unless told, 200 at most. */
export function parsePageQuery(query: Readonly<Record<string, unknown>>): PageQuery {
  const { limit: limitText = '50', before } = query
  const limit = typeof limitText === 'string' && LIMIT.test(limitText) ? Number(limitText) : 0
  if (limit < 1 || limit > 200) {
    return { kind: 'malformed', problem: 'limit must be a whole number from 1 to 200.' }
  }
  if (before === undefined) return { kind: 'query', limit }
  if (typeof before !== 'string' || !CURSOR.test(before)) {
    return { kind: 'malformed', problem: 'before must be a cursor from an earlier page.' }
  }
  return { kind: 'query', limit, before }
}
