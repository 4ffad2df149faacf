import { HUMAN } from './files/ssh-config-text.ts'
import type { DataFolder } from './folder.ts'
import { PEOPLE } from './idp/accounts.ts'

export interface Places {
  readonly folder: DataFolder
  readonly sshPort: number
  readonly httpUrl: string
  readonly issuer: string
  readonly target: string
  readonly hasTerminals: boolean
}

/** The line on top of every page of the review app. */
export const BANNER = 'Demonstration: development identity provider, do not expose'

/** Returns what is said first. */
export function greeting({
  folder,
  sshPort,
  httpUrl,
  issuer,
  target,
  hasTerminals,
}: Places): string {
  const rows = [
    ['bastion', `127.0.0.1:${sshPort}`, 'ssh -J goes through here'],
    ['http', httpUrl, 'certificates for agents, replay for reviewers'],
    [
      'target',
      target,
      `a machine behind the bastion${hasTerminals ? '' : ' (no terminal: node-pty is missing)'}`,
    ],
    ['identities', issuer, 'a development provider; do not expose it'],
  ]
  return `Sallyport quickstart. All of it is on loopback, all files are in ${folder.typed()}.\n\n${table(rows)}`
}

/** Returns what is said when the tour is over and all stays up. */
export function nextSteps({ folder, httpUrl, target }: Places): string {
  const config = folder.typed('ssh_config')
  const people = Object.keys(PEOPLE).join(', ')
  const commands = [
    [`ssh -F ${config} ${target} uptime`, 'as the agent; its certificate renews itself'],
    [`ssh -F ${config} ${target} cat /etc/passwd`, 'denied'],
    [`ssh -F ${config} ${target}${HUMAN}`, 'a recorded shell, as a person'],
    [`sftp -F ${config} ${target}${HUMAN}`, 'files, as a person'],
  ]
  const files = [
    ['replay', httpUrl, `sign in as ${people}; any password`],
    ['policy', folder.typed('policy.yaml'), 'edit it, then start again'],
    ['config', folder.typed('sallyport.yaml'), 'targets, identities, limits'],
    ['records', folder.typed('recordings'), 'asciicast v3, one for each channel'],
    ['audit', folder.typed('audit.ndjson'), 'every decision, with its rule'],
    ['log', folder.typed('sallyport.log'), ''],
    ['programs', folder.typed('quickstart.json'), 'addresses and secrets, for scripts'],
  ]
  return `
All of it stays up until Ctrl-C. Try from another terminal, in this folder:

${table(commands)}

${table(files)}`
}

/** Returns what is said when only the tour was asked for. */
export function farewell({ folder }: Places): string {
  return `\nThat was the tour; all of it is in ${folder.typed()}. Without --once it stays up, and the links open.`
}

/** Returns rows in columns, indented by three. */
function table(rows: readonly (readonly string[])[]): string {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  return rows
    .map((row) =>
      `   ${row.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd(),
    )
    .join('\n')
}
