import assert from 'node:assert/strict'
import { createIdTokenVerifier, createReplayGuard } from '@sallyport/keys/identity'
import type { IdTokenVerifier, IssuerConfig, RejectionCode } from '@sallyport/keys/identity'
import { epoch } from './loopback-issuer.ts'

export const issuer = 'https://issuer.example'

const now = (): number => epoch * 1000

async function noFetch(): Promise<Response> {
  throw new Error('nothing may be fetched here')
}

/** Returns a verifier at `epoch` whose issuers have static keys. */
export function verifierOf(...issuers: readonly IssuerConfig[]): IdTokenVerifier {
  return createIdTokenVerifier({ issuers, now, replay: createReplayGuard({ now }), fetch: noFetch })
}

export function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

export async function assertRejected(
  idToken: string,
  code: RejectionCode,
  reason: string | RegExp,
  by: IdTokenVerifier,
): Promise<void> {
  const result = await by.verify(idToken)
  assert.equal(result.kind, 'rejected')
  assert.equal(result.code, code)
  if (typeof reason === 'string') assert.equal(result.reason, reason)
  else assert.match(result.reason, reason)
  const payload = idToken.split('.')[1] ?? ''
  assert.ok(payload.length < 20 || !result.reason.includes(payload), 'reason holds the ID token')
}
