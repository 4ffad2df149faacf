import { parsePublicKeyLine, type PublicKey } from '@sallyport/keys/publickey'
import { createKekFile, openVault } from '@sallyport/keys/vault'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { kekSourceOf } from '../compose/kek.ts'
import { openBastion } from '../compose.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { writeClientFiles } from './files/client-files.ts'
import { configText, type ConfigFacts } from './files/config-text.ts'
import { liveConfig } from './files/live-config.ts'
import { openOperationalLog } from './files/operational-log.ts'
import { policyText } from './files/policy-text.ts'
import { writeFresh, writeOnce } from './files/write-once.ts'
import { openDataFolder, type DataFolder } from './folder.ts'
import { openDevelopmentIdp } from './idp/index.ts'
import { keepIdpSecrets, readIdpSecrets } from './idp/index.ts'
import { findPorts, LOOPBACK } from './ports.ts'
import {
  loadTerminals,
  openTarget,
  prepareTarget,
  TARGET,
  type StartInTerminal,
} from './target/index.ts'
import { runTour } from './tour/tour.ts'
import { BANNER, farewell, greeting, nextSteps, type Places } from './words.ts'

export interface QuickstartOptions {
  /** The folder for all files; made when there is none. */
  readonly data: string
  /** 0 for any free one. */
  readonly sshPort: number
  readonly httpPort: number
  /** End after the tour. */
  readonly once: boolean
  /** Prints a text and a line end. */
  readonly stdout: (text: string) => void
  /** Ends it. */
  readonly signal?: AbortSignal
}

type Closer = () => Promise<void> | void

/**
 * Runs a bastion, an identity provider and a target on loopback, and the tour over them; then stays up until `signal`.
 * Returns the exit code: 0 when each step of the tour did what it should. Throws ERR_BASTION_QUICKSTART or
 * ERR_BASTION_CONFIG when it cannot begin; all that was opened is closed again.
 */
export async function runQuickstart(options: QuickstartOptions): Promise<number> {
  const { stdout: print, once, signal = new AbortController().signal } = options
  const opened: Closer[] = []
  try {
    const startInTerminal = await loadTerminals()
    const places = await open(options, startInTerminal, opened)
    print(greeting(places))
    const { folder, httpUrl, issuer, target } = places
    const tokenEndpoint = `${issuer}/token`
    const toured = await runTour({
      folder,
      tokenEndpoint,
      httpUrl,
      target,
      now: Date.now,
      startInTerminal,
      signal,
      print,
    })
    if (!signal.aborted) print(once ? farewell(places) : nextSteps(places))
    if (!once) await aborted(signal)
    return toured ? 0 : 1
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}

async function open(
  options: QuickstartOptions,
  startInTerminal: StartInTerminal | undefined,
  opened: Closer[],
): Promise<Places> {
  const now = Date.now
  const folder = await openDataFolder(options.data, process.cwd())
  opened.push(() => folder.close())
  const summary = folder.file('quickstart.json')
  await rm(summary, { force: true })
  const log = openOperationalLog(folder.file('sallyport.log'))
  opened.push(() => log.close())

  const known = await readIdpSecrets(folder.file('idp.json'))
  const [sshPort = 0, httpPort = 0, idpPort = 0, targetPort = 0] = await findPorts([
    { port: options.sshPort, option: '--ssh-port' },
    { port: options.httpPort, option: '--http-port' },
    { port: known?.port ?? 0 },
    { port: await lastTargetPort(folder) },
  ])
  const secrets = await keepIdpSecrets(folder.file('idp.json'), known, idpPort)
  const targetHostKey = await prepareTarget(folder.file(TARGET))
  const httpUrl = `http://localhost:${httpPort}`
  const facts: ConfigFacts = {
    sshPort,
    httpUrl,
    httpPort,
    issuer: `http://${LOOPBACK}:${idpPort}`,
    targetPort,
    targetHostKey,
  }
  await writeFresh(folder.file('web-client.secret'), `${secrets.clients.web}\n`)
  const config = await configFor(folder, facts)
  const authorizedKey = await ownKey(config)

  const idp = await openDevelopmentIdp({
    host: LOOPBACK,
    secrets,
    redirectUri: new URL('/login/callback', httpUrl).href,
    now,
    onError: (error) => log.error(error),
  })
  opened.push(() => idp.close())
  const target = await openTarget({
    folder: folder.file(TARGET),
    host: LOOPBACK,
    port: targetPort,
    authorizedKey,
    startInTerminal,
  })
  opened.push(() => target.close())
  const bastion = await openBastion({ config, log, banner: BANNER })
  opened.push(() => bastion.close())
  const { publicKey: hostAuthority } = bastion.hostAuthority
  await writeClientFiles(folder, { config, idp, secrets, hostAuthority })
  const hasTerminals = startInTerminal !== undefined
  return { folder, sshPort, httpUrl, issuer: idp.issuer, target: TARGET, hasTerminals }
}

/** Reads the folder's configuration, made at its first start and edited since by whoever likes. */
async function configFor(folder: DataFolder, facts: ConfigFacts): Promise<Config> {
  const keyFile = folder.file('vault.key')
  if (!existsSync(keyFile)) await createKekFile(keyFile)
  await writeOnce(folder.file('policy.yaml'), policyText())
  await writeOnce(folder.file('sallyport.yaml'), configText(facts))
  return liveConfig(await loadConfig(folder.file('sallyport.yaml')), facts)
}

/** Where the configuration says that the target is: with the same port again, the file stays true. */
async function lastTargetPort(folder: DataFolder): Promise<number> {
  const file = folder.file('sallyport.yaml')
  if (!existsSync(file)) return 0
  return (await loadConfig(file)).targets.find(({ name }) => name === TARGET)?.port ?? 0
}

/** Returns the public half of the vault's key for the demonstration target, which is made at the first start. */
async function ownKey(config: Config): Promise<PublicKey> {
  const vault = await openVault({
    file: `${config.data}/vault.json`,
    kek: kekSourceOf(config.vault),
    now: Date.now,
  })
  try {
    const entry = vault.list().find(({ id }) => id === TARGET)
    if (entry === undefined) return await vault.generate(TARGET, { type: 'ed25519' })
    return parsePublicKeyLine(entry.publicKeyLine)
  } finally {
    await vault.close()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
