/** A path as it is judged and as it is sent, or why there is none. */
export type ResolvedPath =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'unfit'; readonly reason: string }

const MAX_BYTES = 4096

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const control = /[\p{Cc}\u2028\u2029]/u

/**
 * Returns the absolute path that the bytes of a path name, seen from a folder: `.`, `..` and repeated
 * slashes are taken out here, so that the target has none left to interpret.
 */
export function resolvePath(raw: Uint8Array, folder: string | undefined): ResolvedPath {
  if (raw.length > MAX_BYTES) return unfit(`a path is longer than ${MAX_BYTES} bytes`)
  let text: string
  try {
    text = decoder.decode(raw)
  } catch {
    return unfit('a path is not UTF-8')
  }
  if (control.test(text)) return unfit('a path holds a control character')
  if (!text.startsWith('/') && folder === undefined)
    return unfit('a path is not absolute, and the login folder is not known')
  const segments: string[] = []
  for (const segment of (text.startsWith('/') ? text : `${folder}/${text}`).split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  const path = `/${segments.join('/')}`
  if (Buffer.byteLength(path) > MAX_BYTES) return unfit(`a path is longer than ${MAX_BYTES} bytes`)
  return { kind: 'path', path }
}

/** Returns the folder that an absolute path lies in. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

function unfit(reason: string): ResolvedPath {
  return { kind: 'unfit', reason }
}
