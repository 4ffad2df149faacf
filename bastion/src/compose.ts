/** The only file that constructs: it turns a configuration into a running bastion. */
import { openAuthority, type Authority } from '@sallyport/keys/authority'
import { createHostKeyPins, pinHostKey, type HostKeyPins } from '@sallyport/keys/hostkeys'
import { createIdTokenVerifier, createReplayGuard } from '@sallyport/keys/identity'
import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import { kekFromFile, openVault, type Signer, type Vault } from '@sallyport/keys/vault'
import { openCatalog } from '@sallyport/recorder/catalog'
import { createRecordingStore } from '@sallyport/recorder/recording'
import { repairRecordings } from '@sallyport/recorder/store'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { listen } from './accept/listener.ts'
import { openAudit, type AuditLog, type AuditOptions } from './audit/audit.ts'
import { verifyLogin } from './authenticate/verify-login.ts'
import { issuersOf, rulesOf } from './config/issuers.ts'
import type { Config } from './config/config.ts'
import { serveConnection } from './connection.ts'
import type { Stages } from './stages.ts'
import { parsePolicy, type DecisionScope, type Policy } from './decide/index.ts'
import { BastionError } from './errors.ts'
import { openDoor } from './http.ts'
import { createExchange } from './issue/exchange.ts'
import { createIssueRouter } from './issue/router.ts'
import { createRecorder } from './record/index.ts'
import { createReviewRouter } from './review.ts'
import { createTargets, type Route, type Target } from './route/target.ts'
import { connectUpstream, type HostKeyTrust } from './route/upstream.ts'
import { cryptoReady } from './ssh/internals.ts'
import { createServerTransports } from './ssh/server-transport.ts'

/** The vault's name for the bastion's own host key. */
const HOST_KEY = 'bastion-host-key'

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
  const { config, now = Date.now } = options
  const owned: (() => Promise<void> | void)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of owned.toReversed()) await close()
  }
  try {
    return await open(options, now, owned, closeAll, config)
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function open(
  options: BastionOptions,
  now: () => number,
  owned: (() => Promise<void> | void)[],
  closeAll: () => Promise<void>,
  config: Config,
): Promise<Bastion> {
  const root = config.data
  const date = (): Date => new Date(now())
  await mkdir(root, { recursive: true, mode: 0o700 })
  await cryptoReady

  const audit: AuditLog = openAudit({
    file: join(root, 'audit.ndjson'),
    now: date,
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(options.quiet === undefined ? {} : { quiet: options.quiet }),
  })
  owned.push(() => audit.close())
  const policy = await loadPolicy(config.policy)
  const vault = await openVault({
    file: join(root, 'vault.json'),
    kek: kekFromFile(config.vault.keyFile),
    now,
  })
  owned.push(() => vault.close())
  const hostKey = await ownHostKey(vault)
  owned.push(() => hostKey.close())
  const userAuthority = await openAuthority({ file: join(root, 'user-ca.key'), kind: 'user', now })
  const hostAuthority = await openAuthority({ file: join(root, 'host-ca.key'), kind: 'host', now })

  const repaired = await repairRecordings({ root, now: date })
  for (const { id, torn } of repaired.interrupted)
    audit.write('record.interrupted', { recordingId: id, torn })
  for (const { id, error } of repaired.failed)
    audit.write('record.repair-failed', { recordingId: id, error })
  const catalog = openCatalog({
    file: join(root, 'catalog.sqlite'),
    onError: (error: unknown) => audit.write('catalog.failed', { error }),
  })
  owned.push(() => catalog.close())
  catalog.markInterrupted(repaired.interrupted.map(({ id }) => id))
  const store = createRecordingStore({
    root,
    now: date,
    clock: () => process.hrtime.bigint(),
    minimumFreeBytes: config.recording.minimumFreeBytes,
  })

  const recorder = createRecorder({
    store,
    catalog,
    limits: { text: config.recording.textBytes, binary: config.recording.binaryBytes },
    policyRevision: () => policy.revision,
    now: date,
  })
  owned.push(() => recorder.settled())

  const targetList: Target[] = config.targets.map(({ hostKeys: _pinned, ...target }) => target)
  const targets = createTargets(targetList)
  const pins = pinsOf(config)
  const aborter = new AbortController()
  const stages: Stages = {
    targets,
    audit,
    limits: {
      maxTries: config.limits.authenticationTries,
      maxRequests: config.limits.authenticationRequests,
      maxChannels: config.limits.channels,
      maxJumps: config.limits.jumps,
      loginGrace: config.limits.loginGrace * 1000,
    },
    serve: createServerTransports({
      hostKey,
      authority: hostAuthority,
      names: config.ssh.names,
      now,
    }),
    verify: (request, login, clientAddress) =>
      verifyLogin({
        request,
        login,
        clientAddress,
        authorities: [userAuthority.publicKey],
        now: Math.floor(now() / 1000),
      }),
    outOfReach: ({ identity, narrowedTo }, route) => {
      if (narrowedTo !== undefined && !narrowedTo.includes(route.target.name)) {
        return `the certificate is not for target ${route.target.name}`
      }
      return policy.reaches(scopeOf(identity, route))
        ? undefined
        : `no rule lets ${identity.name} do anything on ${route.target.name} as ${route.login.login}`
    },
    connectUpstream: async (route, cipher) => {
      const signer = await vault.signer(route.login.key)
      try {
        return await connectUpstream({
          route,
          signer,
          cipher,
          trust: trustFor(pins, route.target),
          timeout: config.limits.upstreamTimeout * 1000,
          signal: aborter.signal,
        })
      } finally {
        signer.close()
      }
    },
    decider: ({ authenticated, route }) => {
      const scope = scopeOf(authenticated.identity, route)
      return (question) => policy.decide({ ...scope, ...question })
    },
    record: (passage) => recorder.record(passage),
  }

  const ssh = await listen({
    ...config.ssh,
    limits: {
      total: config.limits.unauthenticated,
      perAddress: config.limits.unauthenticatedPerAddress,
    },
    loginGrace: config.limits.loginGrace * 1000,
    connectionId: randomUUID,
    audit,
    serve: (accepted) => {
      serveConnection(accepted, stages).catch((error: unknown) => {
        audit.write('connection.failed', { connectionId: accepted.connectionId, error })
        accepted.link.destroy()
      })
    },
  })
  owned.push(
    () => aborter.abort(),
    () => ssh.close(),
  )

  const rules = rulesOf(config)
  const exchange = createExchange({
    verifier: createIdTokenVerifier({
      issuers: await issuersOf(config),
      now,
      replay: createReplayGuard({ now }),
    }),
    rules,
    authority: userAuthority,
    targets,
    permits: (id) => {
      const rule = config.identities.find((identity) => identity.id === id)
      return (rule?.permits ?? []).map((permit) => `permit-${permit}`)
    },
    proofNamespace: `exchange@${new URL(config.http.url).host}`,
    now,
    audit,
  })
  const issue = createIssueRouter({
    exchange,
    userAuthority: userAuthority.publicKey,
    hostAuthority: hostAuthority.publicKey,
  })
  const review = await createReviewRouter({
    config,
    catalog,
    root,
    audit,
    now,
    banner: options.banner,
  })
  const http = await openDoor({
    ...config.http,
    routers: review === undefined ? [issue] : [issue, review.handler],
  })
  owned.push(
    () => review?.close(),
    () => http.close(),
  )
  audit.write('bastion.started', { ssh: ssh.address, http: http.address, policy: policy.revision })
  return { ssh: ssh.address, http: http.address, userAuthority, hostAuthority, close: closeAll }
}

async function loadPolicy(file: string): Promise<Policy> {
  const parsed = parsePolicy(await readFile(file, 'utf8'), { file })
  if (parsed.kind === 'policy') return parsed.policy
  const problems = parsed.problems.map(({ line, column, path, message }) => {
    return `line ${line}, column ${column}: ${path}: ${message}`
  })
  throw new BastionError('ERR_BASTION_CONFIG', `${file} is not valid:\n  ${problems.join('\n  ')}`)
}

async function ownHostKey(vault: Vault): Promise<Signer> {
  const known = vault.list().some((entry) => entry.id === HOST_KEY)
  if (!known) await vault.generate(HOST_KEY, { type: 'ed25519' })
  return vault.signer(HOST_KEY)
}

/** Pins are kept under the target's name: its address may change, who it is may not. */
function pinsOf(config: Config): HostKeyPins {
  return createHostKeyPins(
    config.targets.flatMap(({ name, port, hostKeys }) => {
      return hostKeys.map((line) => pinHostKey({ host: name, port }, parsePublicKeyLine(line)))
    }),
  )
}

function trustFor(pins: HostKeyPins, { name: host, port }: Target): HostKeyTrust {
  return {
    algorithms: pins.algorithmsFor({ host, port }),
    check: (hostKey) => {
      const verdict = pins.check({ host, port }, hostKey)
      if (verdict.kind === 'pinned') return verdict
      if (verdict.kind === 'mismatch') {
        const pinned = verdict.expected.join(' or ')
        return {
          kind: 'refused',
          reason: `its host key is ${verdict.offered}, pinned is ${pinned}`,
        }
      }
      return { kind: 'refused', reason: `its host key ${verdict.offered} is ${verdict.kind}` }
    },
  }
}

function scopeOf(identity: DecisionScope['identity'], { target, login }: Route): DecisionScope {
  return { identity, target: { name: target.name, labels: target.labels }, login: login.login }
}
