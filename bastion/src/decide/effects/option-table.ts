import { closed, type Peel } from './peel.ts'

/** The options of a wrapper that are understood. They end at the first word that is none. */
export interface OptionTable {
  /** Options without a value, as `-x` or `--word`. */
  readonly flags?: readonly string[]
  /** Options with a value in the same word or the next one. */
  readonly values?: readonly string[]
  /** True when `-5` is an option too. */
  readonly number?: boolean
}

export interface GivenOptions {
  readonly kind: 'options'
  /** In order, each with its value. */
  readonly given: readonly (readonly [name: string, value: string | undefined])[]
  /** The index of the first word after them. */
  readonly end: number
}

/**
 * Returns the options at the start of a wrapper's words. Only what the table names is understood, in
 * full: how many words an unknown or shortened option takes would be a guess.
 */
export function readOptions(
  table: OptionTable,
  argv: readonly string[],
): GivenOptions | (Peel & { readonly kind: 'closed' }) {
  const [program = ''] = argv
  const flags = new Set(table.flags)
  const values = new Set(table.values)
  const given: [string, string | undefined][] = []
  let at = 1
  while (at < argv.length) {
    const word = argv[at] ?? ''
    if (word === '--') return { kind: 'options', given, end: at + 1 }
    if (word.length < 2 || !word.startsWith('-')) break
    at += 1
    if (flags.has(word) || (table.number === true && /^-[0-9]+$/.test(word))) {
      given.push([word, undefined])
      continue
    }
    const used = word.startsWith('--')
      ? readLong(values, word, argv[at])
      : readCluster(flags, values, word, argv[at])
    if (used === undefined)
      return closed(`the option ${JSON.stringify(word)} of ${program} is not understood`)
    given.push(...used.given)
    if (used.taken) at += 1
  }
  return { kind: 'options', given, end: at }
}

interface Used {
  readonly given: readonly [string, string | undefined][]
  /** True when the value is the next word. */
  readonly taken: boolean
}

function readLong(
  values: ReadonlySet<string>,
  word: string,
  next: string | undefined,
): Used | undefined {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word : word.slice(0, equals)
  if (!values.has(name)) return undefined
  if (equals >= 0) return { given: [[name, word.slice(equals + 1)]], taken: false }
  return next === undefined ? undefined : { given: [[name, next]], taken: true }
}

function readCluster(
  flags: ReadonlySet<string>,
  values: ReadonlySet<string>,
  word: string,
  next: string | undefined,
): Used | undefined {
  const given: [string, string | undefined][] = []
  for (let at = 1; at < word.length; at += 1) {
    const name = `-${word.charAt(at)}`
    if (flags.has(name)) {
      given.push([name, undefined])
      continue
    }
    if (!values.has(name)) return undefined
    const attached = word.slice(at + 1)
    if (attached !== '') return { given: [...given, [name, attached]], taken: false }
    return next === undefined ? undefined : { given: [...given, [name, next]], taken: true }
  }
  return { given, taken: false }
}
