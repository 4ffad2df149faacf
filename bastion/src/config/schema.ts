import { isPrincipal, parseSourceAddresses } from '@sallyport/keys/certificate'
import { z } from 'zod'
import type { Config, LoginEntry } from './config.ts'
import { name } from './name.ts'
import { rotationsSchema } from './rotation.ts'
import { vaultSchema } from './vault.ts'

const login = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/i, 'a POSIX account name')
const seconds = z.number().int().positive()
const port = z.number().int().min(0).max(65535)
const scalar = z.union([z.string(), z.number(), z.boolean()])

const listen = z.strictObject({ host: z.string().default('127.0.0.1'), port })

const keySource = z.union([
  z.strictObject({ discovery: z.literal(true) }),
  z.strictObject({ uri: z.url() }),
  z.strictObject({ file: z.string() }),
])

const issuer = z.strictObject({
  name,
  issuer: z.string(),
  audience: z.string(),
  keys: keySource.default({ discovery: true }),
  algorithms: z.array(z.string()).min(1).default(['RS256', 'ES256']),
  maxTokenAge: seconds.default(3600),
  maxLifetime: seconds.default(3600),
  clockTolerance: z.number().int().min(0).max(300).default(30),
  singleUse: z.boolean().default(false),
  allowSharedAudience: z.boolean().default(false),
  requiredType: z.string().optional(),
  developmentHttp: z.boolean().default(false),
})

const claimMatcher = z.union([
  scalar,
  z.strictObject({ oneOf: z.array(scalar).min(1) }),
  z.strictObject({ glob: z.string() }),
])

const identity = z.strictObject({
  id: name,
  issuer: name,
  match: z.record(z.string(), claimMatcher),
  name: z.union([
    z.strictObject({ literal: z.string() }),
    z.strictObject({ claim: z.string(), prefix: z.string().optional() }),
  ]),
  groups: z.array(z.string()).default([]),
  principals: z.array(login).min(1),
  maxLife: seconds.max(3600).default(300),
  sourceAddress: z.array(z.string()).optional(),
  carry: z.array(z.string()).default([]),
  permits: z
    .array(z.enum(['pty', 'port-forwarding', 'agent-forwarding', 'X11-forwarding']))
    .default(['pty', 'port-forwarding']),
})

const rotation = z.strictObject({
  driver: z.enum(['auto', 'shell', 'sftp']).default('auto'),
  authorizedKeys: z.array(z.string().min(1)).min(1).optional(),
  hook: z.array(z.string()).min(1).optional(),
  recoveryKey: z.string().optional(),
})

const role = z
  .string()
  .refine((name) => isPrincipal(name, 'user'), 'letters, digits and . _ @ + -, at most 64')

/** One of both: a login with two credentials would leave open which one is used. */
const targetLogin = z
  .strictObject({
    login,
    key: z.string().optional(),
    rotation: rotation.optional(),
    certificate: z.strictObject({ principals: z.array(role).min(1).max(16) }).optional(),
  })
  .transform(({ login: name, key, rotation: changed, certificate }, context): LoginEntry => {
    if (key !== undefined && certificate === undefined) {
      return { login: name, key, ...(changed === undefined ? {} : { rotation: changed }) }
    }
    if (key === undefined && certificate !== undefined && changed === undefined) {
      return { login: name, certificate }
    }
    const message = 'needs either a key, which may have a rotation, or a certificate'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

const addressBlock = z
  .string()
  .refine((text) => parseSourceAddresses(text)?.length === 1, 'an address or a CIDR block')

const target = z.strictObject({
  name,
  address: z.string(),
  port: port.default(22),
  labels: z.record(z.string(), z.string()).default({}),
  logins: z.array(targetLogin).min(1),
  hostKeys: z.array(z.string()).default([]),
})

const web = z.strictObject({
  issuer: z.url(),
  clientId: z.string(),
  clientSecretFile: z.string(),
  groupsClaim: z.string().default('groups'),
  developmentHttp: z.boolean().default(false),
  roles: z.strictObject({
    reviewer: z.array(z.string()).default([]),
    approver: z.array(z.string()).default([]),
    admin: z.array(z.string()).default([]),
  }),
  scopes: z
    .array(
      z.strictObject({
        groups: z.array(z.string()).min(1),
        labels: z.record(z.string(), z.string()),
      }),
    )
    .optional(),
})

const limits = z
  .strictObject({
    loginGrace: seconds.default(30),
    unauthenticated: z.number().int().positive().default(128),
    unauthenticatedPerAddress: z.number().int().positive().default(32),
    authenticationTries: z.number().int().positive().default(6),
    authenticationRequests: z.number().int().positive().default(20),
    channels: z.number().int().positive().default(200),
    jumps: z.number().int().positive().default(50),
    upstreamTimeout: seconds.default(10),
    exchangeRefusals: z.number().int().positive().default(3000),
    exchangeRefusalsPerAddress: z.number().int().positive().default(300),
    signInRequests: z.number().int().positive().default(600),
    signInRequestsPerAddress: z.number().int().positive().default(60),
    endWithCertificate: z.boolean().default(false),
  })
  .prefault({})

const recording = z
  .strictObject({
    textBytes: z
      .number()
      .int()
      .positive()
      .default(64 << 20),
    binaryBytes: z
      .number()
      .int()
      .positive()
      .default(256 << 10),
    minimumFreeBytes: z
      .number()
      .int()
      .nonnegative()
      .default(64 << 20),
  })
  .prefault({})

const approvals = z
  .strictObject({ webhook: z.strictObject({ url: z.url(), secretFile: z.string() }).optional() })
  .prefault({})

/** The one configuration file. Unknown keys are errors: a misspelt limit must not be no limit. */
export const configSchema: z.ZodType<Config> = z.strictObject({
  data: z.string(),
  ssh: listen.extend({
    names: z.array(z.string()).min(1),
    upstreamAddress: z.array(addressBlock).min(1).optional(),
  }),
  http: listen.extend({ url: z.url(), forwardedBy: z.array(addressBlock).min(1).optional() }),
  vault: vaultSchema,
  issuers: z.array(issuer).min(1),
  identities: z.array(identity).min(1),
  targets: z.array(target),
  policy: z.string(),
  web: web.optional(),
  approvals,
  rotation: rotationsSchema,
  limits,
  recording,
})
