import type { MachineName } from '../idp/accounts.ts'
import { LOOPBACK } from '../ports.ts'

export interface SshConfigFacts {
  readonly sshPort: number
  readonly knownHosts: string
  readonly targets: readonly { readonly name: string; readonly login: string }[]
  /** The folder with the key, the certificate and renew.sh of one machine identity. */
  readonly keyFolder: (machine: MachineName) => string
}

/**
 * Returns an ssh_config with which `ssh -F FILE TARGET` works from a cold start. Each target has two names: its own for
 * the agent, and NAME-human for a person.
 *
 * A certificate is renewed by `Match exec`. That has to cover the target's name as well as the bastion's: ssh to the
 * target reads its own certificate before the ssh of -J has run.
 */
export function sshConfigText(facts: SshConfigFacts): string {
  const { sshPort, knownHosts, targets } = facts
  return `# Made new at each start of the quickstart. Use: ssh -F THIS_FILE ${targets[0]?.name ?? 'TARGET'}
${identityBlock(facts, 'agent', '')}
${identityBlock(facts, 'human', HUMAN)}
${targets.map((target) => targetBlocks(target)).join('')}
Host bastion bastion${HUMAN}
  HostName ${LOOPBACK}
  Port ${sshPort}
  HostKeyAlias bastion
  User ${targets[0]?.login ?? 'nobody'}

Host *
  IdentitiesOnly yes
  IdentityAgent none
  BatchMode yes
  StrictHostKeyChecking yes
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile /dev/null
  UpdateHostKeys no
`
}

/** What is added to a name for the person's side of it. */
export const HUMAN = '-human'

function identityBlock(facts: SshConfigFacts, machine: MachineName, suffix: string): string {
  const names = ['bastion', ...facts.targets.map(({ name }) => name)].map((name) => name + suffix)
  const folder = facts.keyFolder(machine)
  return `
Match originalhost ${names.join(',')} exec "${folder}/renew.sh"
  IdentityFile ${folder}/id_ed25519
  CertificateFile ${folder}/id_ed25519-cert.pub
`
}

function targetBlocks({ name, login }: SshConfigFacts['targets'][number]): string {
  return `
Host ${name}
  ProxyJump bastion
  User ${login}

Host ${name}${HUMAN}
  HostName ${name}
  HostKeyAlias ${name}
  ProxyJump bastion${HUMAN}
  User ${login}
`
}
