/**
 * Returns a name from the wire as it may stand in a message: in quotes, cut to 64 characters, and
 * with everything but printable ASCII masked, for it may be anything.
 */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 64).replaceAll(/[^ -~]/g, '?'))
}
