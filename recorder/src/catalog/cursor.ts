/** The last row of a page. */
export interface Cursor {
  readonly startedAt: number
  readonly id: string
}

/** Returns the text that stands for a place in the list. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.startedAt}:${cursor.id}`, 'utf8').toString('base64url')
}

/** Returns the place that `text` stands for, or undefined when it is no cursor of ours. */
export function decodeCursor(text: string): Cursor | undefined {
  const match = /^(\d{1,16}):([A-Za-z0-9_-]{8,64})$/.exec(Buffer.from(text, 'base64url').toString())
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { startedAt: Number(match[1]), id: match[2] }
}
