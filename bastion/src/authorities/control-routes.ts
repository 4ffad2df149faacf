import { authorityKinds } from '@sallyport/keys/authority'
import { z } from 'zod'
import { reasonSchema } from '../revoke/index.ts'
import type { AuthorityChange, AuthoritySteering } from './steer.ts'
import type { Answer, Call } from '../control/call.ts'

const changes: readonly AuthorityChange[] = ['next', 'promote', 'roll-back', 'retire']
const changePath = /^\/api\/authorities\/([a-z]+)\/([a-z-]+)$/
const changeBody = z.strictObject({ force: reasonSchema.optional() })

/** Returns the answer to a call about authorities, or undefined for a path that is none of theirs. */
export async function answerAuthorityCall(
  steering: AuthoritySteering,
  by: string,
  { method, path, body }: Call,
): Promise<Answer | undefined> {
  if (method === 'GET' && path === '/api/authorities') {
    return { status: 200, body: { authorities: steering.list() } }
  }
  const [, kindName, changeName] = changePath.exec(path) ?? []
  const kind = authorityKinds.find((one) => one === kindName)
  const change = changes.find((one) => one === changeName)
  if (method !== 'POST' || kind === undefined || change === undefined) return undefined
  const parsed = changeBody.safeParse(body)
  if (!parsed.success) {
    return { status: 400, body: { error: 'force: a reason of one line, or nothing' } }
  }
  const outcome = await steering.change(kind, change, { by, force: parsed.data.force })
  if (outcome.kind === 'refused') return { status: 409, body: { error: outcome.message } }
  return { status: 200, body: { keys: outcome.keys } }
}
