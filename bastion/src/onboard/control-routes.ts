import { z } from 'zod'
import type { Verifier } from './verifier.ts'
import type { Answer, Call } from '../control/call.ts'

const verifyPath = /^\/api\/targets\/([a-z0-9.-]{1,63})\/verify$/
const verifyBody = z.strictObject({ login: z.string().max(64) })

/** Returns the answer to a call about targets, or undefined for a path that is none of these. */
export async function answerOnboardCall(
  verifier: Verifier,
  by: string,
  { method, path, body }: Call,
): Promise<Answer | undefined> {
  const [, target] = verifyPath.exec(path) ?? []
  if (method !== 'POST' || target === undefined) return undefined
  const parsed = verifyBody.safeParse(body)
  if (!parsed.success) return { status: 400, body: { error: 'name the login' } }
  const { login } = parsed.data
  const logins = await verifier.verify(target, login, by)
  if (logins === undefined) {
    return { status: 404, body: { error: `there is no login ${login} at a target ${target}` } }
  }
  return { status: 200, body: { logins } }
}
