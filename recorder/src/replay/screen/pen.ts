/** The colours and attributes of what is printed next: for each kind of them, the parameters that ask for it. */
export type Pen = ReadonlyMap<Kind, string>

type Kind = 'foreground' | 'background' | 'line' | number

export const PLAIN: Pen = new Map()

/** What terminals read of one sequence. */
const MOST_PARAMS = 32
/** The attributes that one parameter ends. */
const ENDED: Readonly<Record<number, readonly Kind[]>> = {
  22: [1, 2],
  23: [3],
  24: [4],
  25: [5],
  27: [7],
  28: [8],
  29: [9],
  39: ['foreground'],
  49: ['background'],
  55: [53],
  59: ['line'],
}
/** A double line under the text. */
const DOUBLE = 21
/** Fast blinking, 6, is not among them: terminals pass over it. */
const ATTRIBUTES = new Set([1, 2, 3, 4, 5, 7, 8, 9, 53])

/** Returns the pen after `params`, those of a "select graphic rendition" (ECMA-48 8.3.117, and colours of T.416). */
export function changedPen(pen: Pen, params: string): Pen {
  const next = new Map(pen)
  const given = params.split(';', MOST_PARAMS)
  let at = 0
  while (at < given.length) {
    const code = Number.parseInt(given[at] || '0', 10)
    const length = lengthOf(given, at)
    const kind = kindOf(code)
    if (code === 0) next.clear()
    else if (kind !== undefined) next.set(kind, given.slice(at, at + length).join(';'))
    else for (const ended of ENDED[code] ?? []) next.delete(ended)
    at += length
  }
  return next
}

/** Returns the sequences that make a plain pen this one. */
export function penText(pen: Pen): string {
  return [...pen.values()].map((params) => `\u001b[${params}m`).join('')
}

/** A colour by its number or its parts takes more than one parameter, where they are not joined by colons. */
function lengthOf(given: readonly string[], at: number): number {
  if (!['38', '48', '58'].includes(given[at] ?? '')) return 1
  return { 5: 3, 2: 5 }[given[at + 1] ?? ''] ?? 1
}

function kindOf(code: number): Kind | undefined {
  if ((code >= 30 && code <= 38) || (code >= 90 && code <= 97)) return 'foreground'
  if ((code >= 40 && code <= 48) || (code >= 100 && code <= 107)) return 'background'
  if (code === 58) return 'line'
  if (code === DOUBLE) return 4
  return ATTRIBUTES.has(code) ? code : undefined
}
