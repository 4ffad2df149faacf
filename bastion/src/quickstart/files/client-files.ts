import { formatPublicKeyLine, type PublicKey } from '@sallyport/keys/publickey'
import { mkdir, rm } from 'node:fs/promises'
import type { Config } from '../../config/config.ts'
import type { DataFolder } from '../folder.ts'
import { AUDIENCE, PEOPLE, type MachineName } from '../idp/accounts.ts'
import type { DevelopmentIdp } from '../idp/development-idp.ts'
import type { IdpSecrets } from '../idp/secrets.ts'
import { renewText } from './renew-text.ts'
import { makeSshKey } from './ssh-key.ts'
import { sshConfigText } from './ssh-config-text.ts'
import { writeFresh } from './write-once.ts'

export interface ClientFacts {
  /** As it runs now. */
  readonly config: Config
  readonly idp: DevelopmentIdp
  readonly secrets: IdpSecrets
  readonly hostAuthority: PublicKey
}

const MACHINE_NAMES: readonly MachineName[] = ['agent', 'human']

/**
 * Writes what clients need: known_hosts, ssh_config, for each machine identity its credentials and renew.sh, and
 * quickstart.json last, so that whoever waits for it finds the rest.
 */
export async function writeClientFiles(folder: DataFolder, facts: ClientFacts): Promise<void> {
  const { config, idp, secrets, hostAuthority } = facts
  const targets = config.targets.map(({ name, logins }) => ({
    name,
    login: logins[0]?.login ?? '',
  }))
  const names = [...config.ssh.names, ...targets.map(({ name }) => name)]
  const knownHosts = folder.file('known_hosts')
  const sshConfig = folder.file('ssh_config')

  await writeFresh(
    knownHosts,
    `@cert-authority ${names.join(',')} ${formatPublicKeyLine(hostAuthority.blob)}\n`,
  )
  const keyFolder = (machine: MachineName): string => folder.file(machine)
  await writeFresh(
    sshConfig,
    sshConfigText({ sshPort: config.ssh.port, knownHosts, targets, keyFolder }),
  )
  for (const machine of MACHINE_NAMES) {
    await mkdir(keyFolder(machine), { recursive: true, mode: 0o700 })
    await makeSshKey(folder.file(machine, 'id_ed25519'), `${machine}@quickstart`)
    // A certificate of the last start may say what the configuration no longer does.
    await rm(folder.file(machine, 'id_ed25519-cert.pub'), { force: true })
    await writeFresh(folder.file(machine, 'token'), '')
    const credentials = `user = "${machine}:${secrets.clients[machine]}"\n`
    await writeFresh(folder.file(machine, 'credentials'), credentials)
    const script = renewText({
      folder: keyFolder(machine),
      tokenEndpoint: idp.tokenEndpoint,
      exchange: new URL('/oauth2/token', config.http.url).href,
    })
    await writeFresh(folder.file(machine, 'renew.sh'), script, 0o700)
  }
  const summary = {
    ssh: { host: config.ssh.host, port: config.ssh.port },
    http: { url: config.http.url },
    issuer: { url: idp.issuer, tokenEndpoint: idp.tokenEndpoint, audience: AUDIENCE },
    clients: Object.fromEntries(
      MACHINE_NAMES.map((id) => [id, { id, secret: secrets.clients[id] }]),
    ),
    users: Object.fromEntries(
      Object.entries(PEOPLE).map(([name, { groups }]) => [name, { name, password: 'any', groups }]),
    ),
    knownHosts,
    sshConfig,
    targets,
  }
  await writeFresh(folder.file('quickstart.json'), `${JSON.stringify(summary, null, 2)}\n`)
}
