import { matchesGlob } from './glob.ts'

export type ClaimValue = string | number | boolean

/** What one claim must be. The kind of value counts: "1" is not 1, and an array fits nothing. */
export type ClaimMatcher =
  | ClaimValue
  | { readonly oneOf: readonly ClaimValue[] }
  /** See matchesGlob; only strings fit. */
  | { readonly glob: string }

export function matchesClaim(matcher: ClaimMatcher, value: unknown): boolean {
  if (typeof matcher !== 'object') return value === matcher
  if ('oneOf' in matcher) return matcher.oneOf.some((one) => one === value)
  return typeof value === 'string' && matchesGlob(matcher.glob, value)
}

export function isClaimValue(value: unknown): value is ClaimValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/**
 * Returns the claim that `path` names, or undefined. Names may hold dots themselves (`kubernetes.io`),
 * so a path is read in every way that it can be; one that can be read in two ways names nothing.
 */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  const found = [...readings(claims, path)]
  return found.length === 1 ? found[0] : undefined
}

function* readings(claims: unknown, path: string): Generator<unknown> {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return
  const names = new Map(Object.entries(claims))
  if (names.has(path)) yield names.get(path)
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const inner = names.get(path.slice(0, dot))
    if (inner !== undefined) yield* readings(inner, path.slice(dot + 1))
  }
}
