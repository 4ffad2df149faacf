import type { Effect } from '../decision.ts'
import { matchesWildcard } from './wildcard.ts'

export type GitService = 'upload-pack' | 'receive-pack' | 'upload-archive'

/** How a policy describes what git may be asked for. */
export interface GitPattern {
  readonly service: GitService | readonly GitService[]
  /** Globs over the name of the repository as the client gives it. */
  readonly repos: readonly string[]
}

/** Returns why a request does not match, or undefined when it does. */
export type GitMatcher = (service: GitService, repo: string) => string | undefined

/**
 * Returns the matcher for git. To allow, a glob covers the very name, without hidden parts. To deny, it
 * covers every name by which git finds the same repository.
 */
export function compileGit({ service, repos }: GitPattern, effect: Effect): GitMatcher {
  const services: readonly GitService[] = typeof service === 'string' ? [service] : service
  const covers = effect === 'deny' ? couldMeanRepo : allowsRepo
  return (asked, repo) => {
    if (!services.includes(asked)) return services.join(', ')
    return repos.some((glob) => covers(glob, repo)) ? undefined : `one of ${repos.join(', ')}`
  }
}

function allowsRepo(glob: string, repo: string): boolean {
  return matchesWildcard(glob, repo, { separators: '/', leadingDot: false })
}

function couldMeanRepo(glob: string, repo: string): boolean {
  return matchesWildcard(bare(glob), bare(repo), { separators: '', leadingDot: true })
}

// Git tries `name`, `name.git` and the `.git` folder of both.
function bare(repo: string): string {
  return repo
    .split('/')
    .filter((part, at, parts) => part !== '' && (part !== '.git' || at < parts.length - 1))
    .join('/')
    .replace(/\.git$/, '')
}
