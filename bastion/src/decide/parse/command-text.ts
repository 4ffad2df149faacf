export type CommandText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly reason: string }

const maxCommandBytes = 8 * 1024
// An SSH packet carries at least 32 KiB of payload, and stock peers never much more in one request.
const maxUnjudgedBytes = 128 * 1024

// The byte order mark stays in the text, so that the gate below sees and refuses it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const plain = /^[\t\n\x20-\x7e]*$/
// Controls, unassigned and private code points, all blanks but SPACE, line and paragraph marks,
// bidi and zero-width formatting, whatever else a terminal shows as nothing, and the marks that stand
// for text that was lost.
const unseen = /(?![\t\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\ufffc\ufffd]/u

/** Returns the text of an exec request that is fit to be judged, or why its bytes are refused. */
export function readCommandText(command: Uint8Array): CommandText {
  if (command.length > maxCommandBytes) return refuse(`longer than ${maxCommandBytes} bytes`)
  const read = decode(command)
  if (read.kind === 'bytes' || plain.test(read.text)) return read
  const found = unseen.exec(read.text)
  return found === null ? read : refuse(`character ${found.index + 1} is ${codePoint(found[0])}`)
}

/** Returns the text of an exec request that nobody will judge: any UTF-8 without NUL. */
export function readUnjudgedText(command: Uint8Array): CommandText {
  if (command.length === 0) return refuse('empty')
  if (command.length > maxUnjudgedBytes) return refuse(`longer than ${maxUnjudgedBytes} bytes`)
  if (command.includes(0)) return refuse('a NUL byte')
  return decode(command)
}

function decode(command: Uint8Array): CommandText {
  try {
    return { kind: 'text', text: decoder.decode(command) }
  } catch {
    return refuse('not UTF-8')
  }
}

function refuse(reason: string): CommandText {
  return { kind: 'bytes', reason }
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
