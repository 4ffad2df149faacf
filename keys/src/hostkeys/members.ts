export type Members = Readonly<Record<string, unknown>>

/** Returns an object whose members are all known. Throws an Error with the place, as all of these do. */
export function membersOf(value: unknown, path: string, names: readonly string[]): Members {
  if (!isMembers(value)) throw new Error(`has no object at ${path}`)
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`has an unknown member "${unknown}" at ${path}`)
  return value
}

export function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`has no list at ${path}`)
}

export function textOf(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`has no text at ${path}`)
}

export function oneOf<T extends string>(names: readonly T[], value: unknown, path: string): T {
  const found = names.find((name) => name === value)
  if (found !== undefined) return found
  throw new Error(`has none of ${names.join(', ')} at ${path}`)
}

/** Returns text that is a time as we write them: ISO 8601, UTC. */
export function timeOf(value: unknown, path: string): string {
  const text = textOf(value, path)
  const time = new Date(text)
  if (!Number.isNaN(time.getTime()) && time.toISOString() === text) return text
  throw new Error(`has no time at ${path}`)
}

/** Returns the member of that name alone, or nothing when there is none. */
export function optionalText<Name extends string>(
  members: Members,
  name: Name,
  path: string,
): { readonly [name in Name]?: string }
export function optionalText(members: Members, name: string, path: string): Members {
  const value = members[name]
  return value === undefined ? {} : { [name]: textOf(value, `${path}.${name}`) }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
