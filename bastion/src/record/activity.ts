import type { ChannelKind } from '../relay/roles.ts'

const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['scp', 'scp'],
  ['rsync', 'rsync'],
  ['git', 'git'],
  ['git-upload-pack', 'git'],
  ['git-receive-pack', 'git'],
  ['git-upload-archive', 'git'],
])

/** Returns what a channel is for, as people name it: its kind, or the program behind the request. */
export function activityOf(kind: ChannelKind, title: string): string {
  if (kind === 'subsystem') return title === 'subsystem sftp' ? 'sftp' : kind
  if (kind !== 'exec') return kind
  const word = title.slice(0, 256).trimStart().split(/\s/, 1)[0] ?? ''
  return PROGRAMS.get(word.slice(word.lastIndexOf('/') + 1)) ?? kind
}
