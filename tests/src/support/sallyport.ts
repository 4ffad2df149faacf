import { strict as assert } from 'node:assert'
import { callControl } from '@sallyport/bastion/control'
import { SALLYPORT, type Bed } from './bed.ts'
import { run, type Finished } from './run.ts'

type Fields = Readonly<Record<string, unknown>>

/** Runs the command line against the bastion of a bed. */
export function sallyport(bed: Bed, ...args: readonly string[]): Promise<Finished> {
  return run(SALLYPORT, [...args, '--config', bed.configFile])
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
