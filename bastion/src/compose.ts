/** What constructs, here and in compose/, and nowhere else: it turns a configuration into a running bastion. */
import type { Authority } from '@sallyport/keys/authority'
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { listen } from './accept/listener.ts'
import { createApprovalDesk } from './approve/index.ts'
import { openAudit, type AuditOptions } from './audit/audit.ts'
import { composeApprovals, endTogether } from './compose/approvals.ts'
import { createCredentials } from './compose/credentials.ts'
import { createClosers, type Closers } from './compose/closers.ts'
import { openEvidence } from './compose/evidence.ts'
import { composeExchange } from './compose/exchange.ts'
import { createHostKeys, openHostKeys } from './compose/host-keys.ts'
import { openKeys } from './compose/keys.ts'
import { composeOnboarding } from './compose/onboarding.ts'
import { composeRotations } from './compose/rotations.ts'
import { composeConnect, composeStages } from './compose/stages.ts'
import { openSteering } from './compose/steering.ts'
import { composeVaultSteering } from './compose/vault-steering.ts'
import type { Config } from './config/config.ts'
import { serveConnection } from './connection.ts'
import {
  createAnsweringRouter,
  createApprovalControl,
  createControlRouter,
  createRotationControl,
  createVaultControl,
  openControl,
  type Steering,
} from './control/index.ts'
import { openDoor } from './http.ts'
import { createReviewRouter } from './review.ts'
import { createRotationDesk } from './rotate/index.ts'
import { scanHostKeys } from './route/scan-host-keys.ts'
import { createTargets } from './route/target.ts'
import { cryptoReady } from './ssh/internals.ts'
import { answerTargetCall, createTargetDesk } from './targets/index.ts'

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
  readonly steering: Steering
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
  const { steering, policy, live, revoked, onRevoked } = await openSteering({
    config,
    audit,
    now,
    closers,
  })
  const policyRevision = (): string => policy.current().revision
  const keys = await openKeys(config, { audit, now, closers })
  const hostKeys = await openHostKeys(config, now)
  closers.add(() => hostKeys.close())
  const evidence = await openEvidence({
    config,
    audit,
    policyRevision,
    now: date,
    closers,
  })
  const { recorder } = evidence
  const upstreams = config.targets.map(({ hostKeys: _pinned, ...target }) => target)
  const targets = createTargets(upstreams)
  const approvals = await composeApprovals({ config, audit, now, closers })
  endTogether({ approvals, live, onRevoked })
  const aborter = new AbortController()
  const { signal } = aborter
  const credentialFor = createCredentials({ config, keys, audit, now })
  const known = createHostKeys({ store: hostKeys, audit, now })
  const connect = composeConnect({
    config,
    vault: keys.vault,
    hostKeys: known,
    credentialFor,
    signal,
  })
  const stages = composeStages({
    config,
    keys,
    hostKeys: known,
    targets,
    policy: () => policy.current(),
    live,
    revoked,
    recorder,
    approvals,
    audit,
    now,
    connect,
  })
  closers.add(() => aborter.abort())

  // Whoever is let in can be seen and ended from the first moment on.
  const desk = createApprovalDesk(approvals)
  const onboarding = composeOnboarding({
    config,
    keys,
    hostKeys: known,
    targets: upstreams,
    audit,
    now,
    signal,
  })
  const rotations = await composeRotations({
    config,
    vault: keys.vault,
    targets: upstreams,
    hostKeys: known,
    connect,
    audit,
    now,
    closers,
  })
  const targetDesk = createTargetDesk({
    targets: config.targets,
    store: hostKeys,
    audit,
    scanHostKeys: (target) => scanHostKeys({ target, timeout: limits.upstreamTimeout * 1000 }),
  })
  const vaultSteering = composeVaultSteering({ vault: keys.vault, audit, now, closers })
  const controlRouters = [
    createControlRouter(steering),
    createApprovalControl(desk),
    createRotationControl(rotations),
    createVaultControl(vaultSteering),
    createAnsweringRouter(onboarding),
    createAnsweringRouter((by, call) => answerTargetCall(targetDesk, by, call)),
  ]
  const control = await openControl({
    data: root,
    routers: controlRouters,
    now,
    onError: (error) => audit.write('control.failed', { error }),
  })
  closers.add(() => control.close())

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

  const exchange = await composeExchange({ config, keys, targets, audit, now, revoked })
  const review = await createReviewRouter({
    config,
    evidence,
    steering,
    approvals: desk,
    targets: createRotationDesk(rotations, upstreams),
    root,
    audit,
    now,
    banner,
  })
  closers.add(() => review?.close())
  const routers = review === undefined ? [exchange] : [exchange, review.handler]
  const http = await openDoor({ ...config.http, routers })
  closers.add(() => http.close())

  const { user: userAuthority, host: hostAuthority } = keys.authorities
  audit.write('bastion.started', { ssh: ssh.address, http: http.address, policy: policyRevision() })
  return {
    ssh: ssh.address,
    http: http.address,
    userAuthority,
    hostAuthority,
    steering,
    close: () => closers.closeAll(),
  }
}
