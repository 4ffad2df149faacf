import type { FileCommand } from './file-command.ts'
import { readGit } from './git.ts'
import { readRsync } from './rsync.ts'
import { readScp } from './scp.ts'

/** Returns what the command of a transfer program asks for; undefined for any other program. */
export function readFileCommand(argv: readonly string[]): FileCommand | undefined {
  switch (argv[0]) {
    case 'scp':
      return readScp(argv)
    case 'rsync':
      return readRsync(argv)
    default:
      return readGit(argv)
  }
}
