import { open, unlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { BastionError } from '../errors.ts'
import { columns, fieldsOf, rowsOf } from './control.ts'
import { insistAudit } from './insist-audit.ts'
import { askRunning, withVault, type RunningCall, type Teller } from './running.ts'

export interface ExportOptions {
  readonly config: string
  readonly to: readonly string[]
  /** Both persons; with a running bastion the one who asks, since the other one makes a call of their own. */
  readonly approvedBy: readonly string[]
  readonly out: string
  readonly version?: number
}

type Fields = Readonly<Record<string, unknown>>

/** Writes a private key into a new file, sealed for the recipients, when two persons approve. */
export async function exportVaultKey(
  id: string,
  options: ExportOptions,
  teller: Teller,
): Promise<void> {
  const { out, approvedBy } = options
  const config = await loadConfig(options.config)
  const running = await askRunning({ config, method: 'GET', path: '/api/vault' }, teller)
  const [name, ...others] = approvedBy
  if (running !== undefined && (name === undefined || others.length > 0)) {
    const text = 'a bastion runs: each of the two persons approves by a call of their own'
    throw new BastionError('ERR_BASTION_CONTROL', `${text}, so --approved-by is given once`)
  }
  // Before anything else: a key is not marked for a file that cannot be made.
  await (await open(out, 'wx', 0o600)).close()
  await unlink(out)
  if (running === undefined) return exportAlone(id, config, options, teller)
  await exportTogether({ id, name: name ?? '', config, options }, teller)
}

interface Together {
  readonly id: string
  readonly name: string
  readonly config: Config
  readonly options: ExportOptions
}

/** Asks the running bastion, and waits for the other person. */
async function exportTogether(
  { id, name, config, options }: Together,
  teller: Teller,
): Promise<void> {
  const { to: recipients, version, out } = options
  const { say } = teller
  const body = { key: id, recipients, approvedBy: name, version }
  const path = '/api/vault/exports'
  const asked = await mustAsk({ config, method: 'POST', path, body }, teller)
  const request = fieldsOf(asked['request'])
  const ticket = columns(request['id'])
  say(describe(request))
  say('another person approves it with')
  say(`  sallyport key approve-export ${ticket} --approved-by NAME --config ${options.config}`)
  for (;;) {
    const take = { config, method: 'POST', path: `${path}/${ticket}/take` } as const
    const taken = await mustAsk(take, teller)
    const { file, entry } = taken
    if (typeof file === 'string') {
      await writeNew(out, file)
      return sayExported(out, fieldsOf(entry), recipients, teller)
    }
    await sleep(1000)
  }
}

/** Opens the vault while no bastion runs; both persons were named. */
async function exportAlone(
  id: string,
  config: Config,
  { out, to: recipients, approvedBy, version }: ExportOptions,
  teller: Teller,
): Promise<void> {
  await withVault(config, async (vault) => {
    const request = { recipients, approvedBy, ...(version === undefined ? {} : { version }) }
    const exported = await vault.export(id, request)
    const { entry } = exported
    await insistAudit(config, 'vault.exported', {
      key: id,
      version: entry.version,
      fingerprint: entry.fingerprint,
      approvedBy: exported.approvedBy,
      recipients: exported.recipients,
      account: teller.account,
    })
    await writeNew(out, exported.file)
    sayExported(out, { ...entry }, exported.recipients, teller)
  })
}

/** Prints the exports that wait for a second person. */
export async function listExports(
  configFile: string,
  json: boolean,
  teller: Teller,
): Promise<void> {
  const rows = await exportsOf(configFile, teller)
  if (json) return teller.say(JSON.stringify(rows))
  for (const row of rows) teller.say(describe(row))
}

export interface ExportDecision {
  readonly config: string
  readonly ticket: string
  readonly verdict: 'approve' | 'refuse'
  readonly name: string
}

/** Decides on an export that somebody else has asked for, and says what it was about. */
export async function decideExport(decision: ExportDecision, teller: Teller): Promise<void> {
  const { config: file, ticket, verdict, name } = decision
  const config = await loadConfig(file)
  const path = `/api/vault/exports/${encodeURIComponent(ticket)}/${verdict}`
  const body = await mustAsk({ config, method: 'POST', path, body: { name } }, teller)
  teller.say(
    `${verdict === 'approve' ? 'approved' : 'refused'}: ${describe(fieldsOf(body['request']))}`,
  )
}

async function exportsOf(configFile: string, teller: Teller): Promise<readonly Fields[]> {
  const config = await loadConfig(configFile)
  const state = await mustAsk({ config, method: 'GET', path: '/api/vault' }, teller)
  return rowsOf(state['exports'])
}

async function mustAsk(call: RunningCall, teller: Teller): Promise<Fields> {
  const answer = await askRunning(call, teller)
  if (answer !== undefined) return fieldsOf(answer.body)
  const text = `no bastion runs with the data folder ${call.config.data}`
  throw new BastionError('ERR_BASTION_CONTROL', text)
}

function describe(request: Fields): string {
  const { id, key, version, fingerprint, recipients, askedBy, expiresAt, state } = request
  const to = Array.isArray(recipients) ? recipients.map((one) => columns(one)).join(' and ') : '-'
  const what = `export ${columns(id)} of ${columns(key)} v${columns(version)} (${columns(fingerprint)})`
  return `${what} for ${to}, asked for by ${columns(askedBy)}, ${columns(state)} until ${columns(expiresAt)}`
}

function sayExported(
  out: string,
  { id, version, dueSince }: Fields,
  recipients: readonly string[],
  { say }: Teller,
): void {
  const key = `${columns(id)} v${columns(version)}`
  say(`${out} holds ${key} for ${recipients.join(' and ')}`)
  say(`rotation due: ${key} was given out on ${columns(dueSince)}`)
}

async function writeNew(out: string, text: string): Promise<void> {
  const file = await open(out, 'wx', 0o600)
  let whole = false
  try {
    await file.writeFile(text)
    await file.sync()
    whole = true
  } finally {
    await file.close()
    if (!whole) await unlink(out)
  }
}
