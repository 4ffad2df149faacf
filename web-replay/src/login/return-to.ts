const UNSAFE = /[\\\p{Cc}\s]/u

/**
 * Returns the local path in `value`, or `/`. Only a path on our own origin comes through: no scheme,
 * no `//host`, no backslash (browsers read it as a slash), no control character, and not the login
 * itself, which would loop.
 */
export function localPath(value: unknown, externalUrl: URL): string {
  if (typeof value !== 'string' || value.length > 1024) return '/'
  if (!value.startsWith('/') || UNSAFE.test(value) || !URL.canParse(value, externalUrl.href))
    return '/'
  const url = new URL(value, externalUrl)
  const path = url.pathname + url.search
  if (url.origin !== externalUrl.origin || path.startsWith('//')) return '/'
  return /^\/(?:login|logout|signed-out|api)(?:[/?]|$)/.test(path) ? '/' : path
}
