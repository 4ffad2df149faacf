import { z } from 'zod'
import { vaultSchema } from '../config/vault.ts'
import type { Answer, Call } from '../control/call.ts'
import type { Decided, Taken } from './export-requests.ts'
import { keyIdSchema, newKeyBody } from './key-kind.ts'
import type { VaultSteering } from './steer.ts'

const exportPath = /^\/api\/vault\/exports\/([0-9a-f]{24})\/(approve|refuse|take)$/

const name = z.string().max(512)
const base64 = z.string().max(100_000)
const importBody = z.strictObject({
  id: keyIdSchema,
  to: z.string().max(64),
  parcel: z.strictObject({
    from: z.string().max(64),
    iv: z.string().max(64),
    ciphertext: base64,
    tag: z.string().max(64),
  }),
})
const rewrapBody = z.strictObject({ vault: vaultSchema })
const askBody = z.strictObject({
  key: keyIdSchema,
  version: z.int().min(1).optional(),
  recipients: z.array(z.string().max(4096)).max(16),
  approvedBy: name,
})
const decisionBody = z.strictObject({ name })
const acceptBody = z.strictObject({ generation: z.int().min(0) })

/** Returns the answer to a call about the vault, or undefined for a path that is none of its own. */
export async function answerVaultCall(
  steering: VaultSteering,
  by: string,
  { method, path, body }: Call,
): Promise<Answer | undefined> {
  const { exports } = steering
  switch (`${method} ${path}`) {
    case 'GET /api/vault':
      return { status: 200, body: { ...steering.state(), exports: exports.list() } }
    case 'POST /api/vault/keys': {
      const asked = newKeyBody.safeParse(body)
      if (!asked.success) return malformed(asked.error)
      const { id, ...kind } = asked.data
      const outcome = await steering.generate(id, kind, by)
      return outcome.kind === 'refused' ? refusal(outcome.message) : { status: 201, body: outcome }
    }
    case 'POST /api/vault/imports': {
      const outcome = steering.offerImport()
      return outcome.kind === 'refused' ? refusal(outcome.message) : { status: 201, body: outcome }
    }
    case 'POST /api/vault/keys/import': {
      const asked = importBody.safeParse(body)
      if (!asked.success) return malformed(asked.error)
      const outcome = await steering.import(asked.data, by)
      return outcome.kind === 'refused' ? refusal(outcome.message) : { status: 201, body: outcome }
    }
    case 'POST /api/vault/rewrap': {
      const asked = rewrapBody.safeParse(body)
      if (!asked.success) return malformed(asked.error)
      const outcome = await steering.rewrap(asked.data.vault, by)
      return outcome.kind === 'refused' ? refusal(outcome.message) : { status: 200, body: outcome }
    }
    case 'POST /api/vault/accept-generation': {
      const asked = acceptBody.safeParse(body)
      if (!asked.success) return malformed(asked.error)
      const { generation } = steering.state()
      const why = `a bastion runs with this vault, at generation ${generation}: there is no old copy to accept`
      return refusal(`${why}; stop it before you put one back`)
    }
    case 'POST /api/vault/exports': {
      const asked = askBody.safeParse(body)
      if (!asked.success) return malformed(asked.error)
      const outcome = await exports.ask(asked.data, by)
      return outcome.kind === 'refused' ? refusal(outcome.message) : { status: 201, body: outcome }
    }
  }
  const [, id, verb] = (method === 'POST' ? exportPath.exec(path) : undefined) ?? []
  if (id === undefined) return undefined
  if (verb === 'take') return answerOf(exports.take(id, by))
  const decision = decisionBody.safeParse(body)
  if (!decision.success) return malformed(decision.error)
  return verb === 'approve'
    ? answerOf(await exports.approve(id, decision.data.name, by))
    : answerOf(exports.refuse(id, decision.data.name, by))
}

function answerOf(outcome: Decided | Taken): Answer {
  return outcome.kind === 'refused' ? refusal(outcome.message) : { status: 200, body: outcome }
}

function refusal(message: string): Answer {
  return { status: 409, body: { error: message } }
}

function malformed({ issues }: z.ZodError): Answer {
  const problems = issues.map(({ path, message }) => `${path.join('.') || '(top)'}: ${message}`)
  return { status: 400, body: { error: problems.join('; ') } }
}
