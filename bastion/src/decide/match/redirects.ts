import type { Redirect } from '../parse/index.ts'
import { allowsPath, compilePath } from './path.ts'

/** The files that a command may read from and write to by redirects, as absolute path patterns. */
export interface RedirectPatterns {
  readonly read?: readonly string[] | undefined
  readonly write?: readonly string[] | undefined
}

export type RedirectMatcher = (redirects: readonly Redirect[]) => boolean

// bash opens a network connection for a redirect to such a name.
const network = /^\/+dev\/+(?:tcp|udp)(?:\/|$)/

/** Returns whether all redirects are listed; /dev/null and descriptors need no listing. */
export function compileRedirects(patterns: RedirectPatterns = {}): RedirectMatcher {
  const read = (patterns.read ?? []).map(compilePath)
  const write = (patterns.write ?? []).map(compilePath)
  return (redirects) =>
    redirects.every(({ operator, target }) => {
      if (operator === '>&' || operator === '<&' || target === '/dev/null') return true
      if (network.test(target)) return false
      return (operator === '<' ? read : write).some((pattern) => allowsPath(pattern, target))
    })
}
