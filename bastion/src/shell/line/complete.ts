export type Completion =
  | { readonly kind: 'none' }
  | { readonly kind: 'insert'; readonly text: string }
  | { readonly kind: 'choices'; readonly names: readonly string[] }

const maxChoices = 100
const commandWord = /^[A-Za-z0-9_./+-]*$/

/** Returns what may stand behind the first word of a line; other words are never completed. */
export function completeCommand(before: string, names: readonly string[]): Completion {
  if (!commandWord.test(before)) return { kind: 'none' }
  const fitting = [...new Set(names)]
    .filter((name) => commandWord.test(name) && name.startsWith(before))
    .toSorted()
  const [first] = fitting
  if (first === undefined) return { kind: 'none' }
  if (fitting.length === 1) return { kind: 'insert', text: `${first.slice(before.length)} ` }
  const common = commonPrefix(first, fitting.at(-1) ?? first)
  return common.length > before.length
    ? { kind: 'insert', text: common.slice(before.length) }
    : { kind: 'choices', names: fitting.slice(0, maxChoices) }
}

// In a sorted list what the first and the last share, all share.
function commonPrefix(one: string, other: string): string {
  let at = 0
  while (at < one.length && one.charAt(at) === other.charAt(at)) at += 1
  return one.slice(0, at)
}
