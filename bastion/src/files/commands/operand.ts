/** A path of a command: what is judged, and what is sent. */
export type Operand =
  | { readonly kind: 'path'; readonly path: string; readonly send: string }
  | { readonly kind: 'unfit'; readonly reason: string }

const MAX_BYTES = 4096
const control = /[\p{Cc}\u2028\u2029]/u

/**
 * Returns an operand as an absolute path without `.` and repeated slashes. A slash at the end stays in
 * what is sent: rsync means the content of a folder by it.
 */
export function readOperand(text: string): Operand {
  const shown = JSON.stringify(text.slice(0, 80))
  if (!text.startsWith('/')) return unfit(`${shown} is not an absolute path`)
  if (control.test(text)) return unfit('a path holds a control character')
  if (Buffer.byteLength(text) > MAX_BYTES) return unfit(`a path is longer than ${MAX_BYTES} bytes`)
  const segments = text.split('/')
  if (segments.includes('..')) return unfit(`${shown} holds ..`)
  const path = `/${segments.filter((segment) => segment !== '' && segment !== '.').join('/')}`
  const folder = path !== '/' && ['', '.'].includes(segments.at(-1) ?? '')
  return { kind: 'path', path, send: folder ? `${path}/` : path }
}

function unfit(reason: string): Operand {
  return { kind: 'unfit', reason }
}
