import { allowsPath, couldReachPath, type PathPattern } from './path.ts'
import { matchesWildcard } from './wildcard.ts'

// What a login reads at its start, or trusts: a wildcard never stands for these, only their own name does.
const spelled = new Set(
  (
    '.ssh .bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zshenv ' +
    '.zprofile .zlogin .zlogout .kshrc .mkshrc .cshrc .tcshrc .login .logout .xprofile .xsession ' +
    '.pam_environment .rhosts .shosts .forward .netrc .inputrc .gitconfig .config .local .gnupg ' +
    '.k5login .k5users .xinitrc .xsessionrc .xserverrc .bash_completion .procmailrc .environment ' +
    '.vimrc .exrc .emacs .screenrc .tmux.conf .npmrc .curlrc .wgetrc .pythonrc'
  ).split(' '),
)

/** Returns whether a path lies under a pattern; with `hidden`, wildcards also cover names like `.a`. */
export function coversPath(pattern: PathPattern, path: string, hidden: boolean): boolean {
  if (!hidden) return allowsPath(pattern, path)
  return couldReachPath(pattern, path)
}

/** Returns the first name of a path that only a pattern which spells it out may cover. */
export function unspelled(pattern: PathPattern, path: string): string | undefined {
  return path
    .split('/')
    .find((name) => spelled.has(name.toLowerCase()) && !pattern.segments.includes(name))
}

/** Returns whether whatever may lie below a folder lies under a pattern. */
export function coversBelow({ segments }: PathPattern, path: string): boolean {
  // A last `**` that covers one name below the folder covers every other, and all below it.
  return segments.at(-1) === '**' && couldReachPath({ segments }, `${path}/x`)
}

/** Returns whether a path, or anything that may lie below it, could lie under a pattern. */
export function reachesBelow({ segments }: PathPattern, path: string): boolean {
  let places = new Set([0])
  for (const name of path.split('/')) {
    if (name === '') continue
    const next = new Set<number>()
    for (const place of withStars(segments, places)) {
      const wanted = segments[place]
      if (wanted === '**') next.add(place)
      else if (
        wanted !== undefined &&
        matchesWildcard(wanted, name, { separators: '', leadingDot: true })
      )
        next.add(place + 1)
    }
    places = next
  }
  return places.size > 0
}

function withStars(segments: readonly string[], places: ReadonlySet<number>): ReadonlySet<number> {
  const all = new Set<number>()
  for (let place of places) {
    all.add(place)
    while (segments[place] === '**') {
      place += 1
      all.add(place)
    }
  }
  return all
}
