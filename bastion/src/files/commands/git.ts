import { type FileCommand, refused } from './file-command.ts'
import { printCommand } from './print.ts'

const services = ['upload-pack', 'receive-pack', 'upload-archive'] as const

/** Returns which repository `git-upload-pack` and its like are asked for; undefined for other commands. */
export function readGit(argv: readonly string[]): FileCommand | undefined {
  const [program = '', ...rest] = argv
  const name = program === 'git' ? (rest.shift() ?? '') : program.replace(/^git-/, '')
  if (program !== 'git' && !program.startsWith('git-')) return undefined
  const service = services.find((known) => known === name)
  if (service === undefined) return undefined
  const options: string[] = []
  while (service === 'upload-pack' && /^--(?:strict|timeout=[0-9]{1,6})$/.test(rest[0] ?? ''))
    options.push(rest.shift() ?? '')
  const [repo, ...more] = rest
  if (repo === undefined || more.length > 0)
    return refused('git', 'it needs the name of one repository and no option')
  const unfit = reasonAgainst(repo)
  if (unfit !== undefined) return refused('git', unfit)
  return {
    kind: 'git',
    via: 'git',
    service,
    repo,
    send: printCommand([`git-${service}`, ...options], [repo]),
  }
}

function reasonAgainst(repo: string): string | undefined {
  const shown = JSON.stringify(repo.slice(0, 80))
  if (repo.startsWith('-')) return `${shown} looks like an option`
  if (repo.includes('~')) return `${shown} holds ~`
  if (repo.length > 1024 || /[\p{Cc}\u2028\u2029\\]/u.test(repo))
    return `${shown} is not the plain name of a repository`
  // One repository has one name: what git would tidy up is refused.
  const parts = repo.replace(/^\//, '').split('/')
  return parts.some((part) => part === '' || part === '.' || part === '..')
    ? `${shown} is not a plain path`
    : undefined
}
