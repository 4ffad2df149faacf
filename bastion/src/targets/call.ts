import type { HostKeyAddition } from '@sallyport/keys/hostkeys'
import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import { z } from 'zod'
import { reasonSchema } from '../revoke/index.ts'
import type { TargetAnswer, TargetDesk } from './desk.ts'
import type { Answer, Call } from '../control/call.ts'

const fingerprintText = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint as ssh-keygen -l prints it')

const pinBody = z.strictObject({
  source: z.enum(['known_hosts', 'paste']),
  keys: z
    .array(
      z.strictObject({
        kind: z.enum(['key', 'authority']),
        state: z.enum(['pinned', 'revoked']),
        key: z.string(),
      }),
    )
    .min(1)
    .max(64),
  reason: reasonSchema,
})
const keyBody = z.strictObject({ fingerprint: fingerprintText, reason: reasonSchema })
const releaseBody = z.strictObject({ reason: reasonSchema })

const path = /^\/api\/targets\/([^/]{1,256})(?:\/(pin|scan|approve|revoke|release))?$/

/** Returns the answer to a call about targets, or undefined for a path that is none of theirs. */
export async function answerTargetCall(
  desk: TargetDesk,
  by: string,
  call: Call,
): Promise<Answer | undefined> {
  const isGet = call.method === 'GET'
  if (isGet && call.path === '/api/targets') {
    return { status: 200, body: { targets: desk.list() } }
  }
  const [, encoded, verb] = path.exec(call.path) ?? []
  const name = encoded === undefined ? undefined : decoded(encoded)
  if (name === undefined) return undefined
  if (isGet) return verb === undefined ? answerOf(desk.show(name)) : undefined
  switch (verb) {
    case 'pin':
      return withBody(pinBody, call, async ({ keys, source, reason }) => {
        const additions = additionsOf(keys)
        if (typeof additions === 'string') return { kind: 'refused', message: additions }
        return desk.pin(name, { keys: additions, source }, { by, reason })
      })
    case 'scan':
      return answerOf(await desk.scan(name, by))
    case 'approve':
      return withBody(keyBody, call, ({ fingerprint, reason }) =>
        desk.approve(name, fingerprint, { by, reason }),
      )
    case 'revoke':
      return withBody(keyBody, call, ({ fingerprint, reason }) =>
        desk.revoke(name, fingerprint, { by, reason }),
      )
    case 'release':
      return withBody(releaseBody, call, ({ reason }) => desk.release(name, { by, reason }))
    default:
      return undefined
  }
}

async function withBody<T>(
  schema: z.ZodType<T>,
  { body }: Call,
  act: (body: T) => Promise<TargetAnswer>,
): Promise<Answer> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return answerOf(await act(parsed.data))
  return { status: 400, body: { error: z.prettifyError(parsed.error) } }
}

function answerOf(answer: TargetAnswer): Answer {
  switch (answer.kind) {
    case 'done': {
      const { kind: _done, ...body } = answer
      return { status: 200, body }
    }
    case 'unknown':
      return { status: 404, body: { error: answer.message } }
    case 'refused':
      return { status: 409, body: { error: answer.message } }
  }
}

/** Returns the keys, or the sentence that says which of them is none. */
function additionsOf(keys: z.infer<typeof pinBody>['keys']): readonly HostKeyAddition[] | string {
  try {
    return keys.map(({ kind, state, key }) => ({ kind, state, publicKey: parsePublicKeyLine(key) }))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
