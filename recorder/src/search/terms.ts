/** What is looked for, as the index's own query, or why it cannot be. */
export type Terms =
  | { readonly kind: 'terms'; readonly match: string; readonly plain: string }
  | { readonly kind: 'malformed'; readonly problem: string }

const MOST_WORDS = 16

/**
 * Returns the query for commands that hold `text`, whatever the case; quotes around it are left out.
 * It asks for every third trigram and the last one, wherever they stand, which is much faster than
 * for all in a row: what it finds must be looked at for the text itself.
 */
export function commandTerms(text: string): Terms {
  if (/\p{Cc}/u.test(text))
    return { kind: 'malformed', problem: 'The text holds control characters.' }
  const plain = /^"(.*)"$/s.exec(text.trim())?.[1] ?? text.trim()
  const characters = Array.from(plain)
  if (characters.length < 3) {
    return { kind: 'malformed', problem: 'Commands are searched for three characters or more.' }
  }
  const trigrams = new Set<string>()
  for (let at = 0; at < characters.length; at += 3) {
    const from = Math.min(at, characters.length - 3)
    trigrams.add(quote(characters.slice(from, from + 3).join('')))
  }
  return { kind: 'terms', match: [...trigrams].join(' AND '), plain }
}

/**
 * Returns the query for output with all the words in `text`: each for itself, those in quotes one
 * after the other, and with a star at its end any word that begins so.
 */
export function outputTerms(text: string): Terms {
  if (/\p{Cc}/u.test(text))
    return { kind: 'malformed', problem: 'The text holds control characters.' }
  const words = [...text.matchAll(/"([^"]*)"?|[^\s"]+/g)].flatMap(([whole, phrase]) => {
    const isBeginning = phrase === undefined && whole.endsWith('*')
    const term = phrase ?? (isBeginning ? whole.slice(0, -1) : whole)
    if (!/[\p{L}\p{N}_]/u.test(term)) return []
    return [`${quote(term)}${isBeginning ? ' *' : ''}`]
  })
  if (words.length === 0) return { kind: 'malformed', problem: 'There is no word to look for.' }
  if (words.length > MOST_WORDS) {
    return { kind: 'malformed', problem: `At most ${MOST_WORDS} words can be looked for.` }
  }
  return { kind: 'terms', match: words.join(' AND '), plain: text }
}

/** Returns a string of the query language of FTS5, in which nothing else has a meaning. */
function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
