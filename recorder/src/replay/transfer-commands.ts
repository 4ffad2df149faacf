/** What a transfer program was asked for at the target. */
export interface TransferCommand {
  readonly via: 'scp' | 'rsync' | 'git'
  readonly op: 'read' | 'write' | 'fetch' | 'push'
  readonly paths: readonly string[]
}

const MOST_PATHS = 100

/** Returns what a recorded decision was about, when that was one command of a transfer program. */
export function transferOf(
  decision: Readonly<Record<string, unknown>>,
): TransferCommand | undefined {
  const words = wordsOf(decision)
  const program = words[0]?.split('/').at(-1)
  const rest = words.slice(1)
  switch (program) {
    case 'scp': {
      const letters = rest.filter((word) => /^-[A-Za-z]+$/.test(word)).join('')
      if (letters.includes('t')) return transfer('scp', 'write', rest.slice(-1))
      return letters.includes('f') ? transfer('scp', 'read', plain(rest)) : undefined
    }
    case 'rsync': {
      if (rest[0] !== '--server') return undefined
      const op = rest[1] === '--sender' ? 'read' : 'write'
      const dot = rest.indexOf('.')
      return transfer('rsync', op, dot === -1 ? plain(rest) : rest.slice(dot + 1))
    }
    case 'git-upload-pack':
      return transfer('git', 'fetch', plain(rest))
    case 'git-receive-pack':
      return transfer('git', 'push', plain(rest))
    case 'git':
      if (rest[0] === 'upload-pack') return transfer('git', 'fetch', plain(rest.slice(1)))
      return rest[0] === 'receive-pack' ? transfer('git', 'push', plain(rest.slice(1))) : undefined
    default:
      return undefined
  }
}

/** The argv list, where there is exactly one; a refused line that was never resolved is cut at its spaces. */
function wordsOf({ argv, text }: Readonly<Record<string, unknown>>): readonly string[] {
  if (Array.isArray(argv) && argv.length > 1) return []
  const words: unknown = Array.isArray(argv) ? argv[0] : undefined
  if (Array.isArray(words)) return words.filter((word: unknown) => typeof word === 'string')
  if (typeof text !== 'string') return []
  return text
    .slice(0, 8192)
    .split(' ')
    .map((word) => word.replaceAll("'", ''))
}

function plain(words: readonly string[]): readonly string[] {
  return words.filter((word) => !word.startsWith('-'))
}

function transfer(
  via: TransferCommand['via'],
  op: TransferCommand['op'],
  paths: readonly string[],
): TransferCommand | undefined {
  return paths.length === 0 ? undefined : { via, op, paths: paths.slice(0, MOST_PATHS) }
}
