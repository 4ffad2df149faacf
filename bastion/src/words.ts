/** Characters of a peer's own text that are shown or written down. */
const MOST = 80

/** Returns text of a peer, quoted and escaped: it must not play tricks on the terminal that it is shown in. */
export function printable(text: string): string {
  const shown = quoted(text.slice(0, MOST + 1))
  return shown.length > MOST ? `${shown.slice(0, MOST - 4)}..."` : shown
}

/** Returns the beginning of a peer's text, for where it is escaped anyway: nobody shall fill a log with names. */
export function excerpt(text: string): string {
  return text.slice(0, MOST)
}

/** Returns all of a text, quoted and escaped, for where nothing of it may be left out. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}
