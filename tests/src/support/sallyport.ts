import { strict as assert } from 'node:assert'
import { userInfo } from 'node:os'
import { run } from '@sallyport/bastion/cli'
import { callControl } from '@sallyport/bastion/control'
import type { Bed } from './bed.ts'
import type { Finished } from './run.ts'

type Fields = Readonly<Record<string, unknown>>

/** Runs the command line with the configuration of a bed. */
export function sallyport(bed: Bed, ...args: readonly string[]): Promise<Finished> {
  return runHere(...args, '--config', bed.configFile)
}

/** Runs the command line in this process: where its start is not looked at, nobody waits for one. */
export async function runHere(...args: readonly string[]): Promise<Finished> {
  const printed = { stdout: '', stderr: '' }
  const streamOf = (name: keyof typeof printed) => ({
    write: (text: string): void => void (printed[name] += text),
  })
  const output = { stdout: streamOf('stdout'), stderr: streamOf('stderr') }
  const status = await run(args, userInfo().username, output)
  return { status, signal: null, ...printed }
}

/** Revokes over the control socket and returns the id. */
export async function revoke(bed: Bed, what: Fields, reason: string): Promise<string> {
  const path = '/api/revocations'
  const body = { ...what, reason }
  const answer = await callControl({ data: bed.data, method: 'POST', path, body, account: 'me' })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return (answer.body as { revocation: { id: string } }).revocation.id
}

export async function lift(bed: Bed, id: string): Promise<void> {
  const path = `/api/revocations/${id}/lift`
  const { status } = await callControl({ data: bed.data, method: 'POST', path, body: {} })
  assert.equal(status, 200)
}

/** Lifts all that is revoked. */
export async function liftAll(bed: Bed): Promise<void> {
  const { body } = await callControl({ data: bed.data, method: 'GET', path: '/api/revocations' })
  const { revocations } = body as { revocations: { id: string }[] }
  for (const { id } of revocations) await lift(bed, id)
}

/** The connections that are open. */
export async function live(bed: Bed): Promise<readonly Fields[]> {
  const { body } = await callControl({ data: bed.data, method: 'GET', path: '/api/live' })
  return (body as { live: readonly Fields[] }).live
}
