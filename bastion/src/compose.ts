/** What constructs, here and in compose/, and nowhere else: it turns a configuration into a running bastion. */
import type { Authority } from '@sallyport/keys/authority'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { listen } from './accept/listener.ts'
import { openAudit, type AuditOptions } from './audit/audit.ts'
import { composeApprovals } from './compose/approvals.ts'
import { createClosers, type Closers } from './compose/closers.ts'
import { openEvidence } from './compose/evidence.ts'
import { composeExchange } from './compose/exchange.ts'
import { openKeys } from './compose/keys.ts'
import { composeStages } from './compose/stages.ts'
import type { Config } from './config/config.ts'
import { serveConnection } from './connection.ts'
import { parsePolicy, type Policy } from './decide/index.ts'
import { BastionError } from './errors.ts'
import { openDoor } from './http.ts'
import { createReviewRouter } from './review.ts'
import { createTargets } from './route/target.ts'
import { cryptoReady } from './ssh/internals.ts'

export interface BastionOptions {
  readonly config: Config
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Where the operational log goes; standard error unless told. */
  readonly log?: AuditOptions['log']
  readonly quiet?: boolean
  /** One line on top of every page of the review app. */
  readonly banner?: string
}

export interface Bastion {
  readonly ssh: AddressInfo
  readonly http: AddressInfo
  readonly userAuthority: Authority
  readonly hostAuthority: Authority
  /** Stops accepting, cuts what is open, and returns when all is written. */
  close(): Promise<void>
}

/** Starts a bastion. Throws when any part cannot be had; what was opened until then is closed again. */
export async function openBastion(options: BastionOptions): Promise<Bastion> {
  const closers = createClosers()
  try {
    return await open(options, closers)
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}

async function open(options: BastionOptions, closers: Closers): Promise<Bastion> {
  const { config, now = Date.now, banner } = options
  const { data: root, limits } = config
  const date = (): Date => new Date(now())
  await mkdir(root, { recursive: true, mode: 0o700 })
  await cryptoReady

  const audit = openAudit({
    file: join(root, 'audit.ndjson'),
    now: date,
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(options.quiet === undefined ? {} : { quiet: options.quiet }),
  })
  closers.add(() => audit.close())
  const policy = await loadPolicy(config.policy)
  const policyRevision = (): string => policy.revision
  const keys = await openKeys(config, now, closers)
  const { catalog, recorder } = await openEvidence({
    config,
    audit,
    policyRevision,
    now: date,
    closers,
  })
  const targets = createTargets(config.targets.map(({ hostKeys: _pinned, ...target }) => target))
  const approvals = await composeApprovals({ config, audit, now, closers })
  const aborter = new AbortController()
  const { signal } = aborter
  const stages = composeStages({
    config,
    keys,
    targets,
    policy,
    recorder,
    approvals,
    audit,
    now,
    signal,
  })
  closers.add(() => aborter.abort())

  const ssh = await listen({
    ...config.ssh,
    limits: { total: limits.unauthenticated, perAddress: limits.unauthenticatedPerAddress },
    loginGrace: limits.loginGrace * 1000,
    connectionId: randomUUID,
    audit,
    serve: (accepted) => {
      serveConnection(accepted, stages).catch((error: unknown) => {
        audit.write('connection.failed', { connectionId: accepted.connectionId, error })
        accepted.link.destroy()
      })
    },
  })
  closers.add(() => ssh.close())

  const exchange = await composeExchange({ config, keys, targets, audit, now })
  const review = await createReviewRouter({ config, catalog, root, audit, now, banner })
  closers.add(() => review?.close())
  const routers = review === undefined ? [exchange] : [exchange, review.handler]
  const http = await openDoor({ ...config.http, routers })
  closers.add(() => http.close())

  const { userAuthority, hostAuthority } = keys
  audit.write('bastion.started', { ssh: ssh.address, http: http.address, policy: policy.revision })
  return {
    ssh: ssh.address,
    http: http.address,
    userAuthority,
    hostAuthority,
    close: () => closers.closeAll(),
  }
}

async function loadPolicy(file: string): Promise<Policy> {
  const parsed = parsePolicy(await readFile(file, 'utf8'), { file })
  if (parsed.kind === 'policy') return parsed.policy
  const problems = parsed.problems.map(({ line, column, path, message }) => {
    return `line ${line}, column ${column}: ${path}: ${message}`
  })
  throw new BastionError('ERR_BASTION_CONFIG', `${file} is not valid:\n  ${problems.join('\n  ')}`)
}
