/** The last row of a page: the next page begins after it. */
export interface Cursor {
  readonly startedAt: number
  readonly number: number
}

/** Returns the text that stands for a place in the list. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.startedAt}:${cursor.number}`, 'utf8').toString('base64url')
}

/** Returns the place that `text` stands for, or undefined when it is no cursor of ours. */
export function decodeCursor(text: string): Cursor | undefined {
  if (text.length > 64 || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  const match = /^(\d{1,15}):(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString())
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { startedAt: Number(match[1]), number: Number(match[2]) }
}
