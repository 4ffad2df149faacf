import { parseCertificateLine } from '@sallyport/keys/certificate'
import { fingerprint, parsePublicKeyLine } from '@sallyport/keys/publickey'
import { readFile } from 'node:fs/promises'
import { BastionError } from '../errors.ts'
import { ask, columns, fieldsOf, rowsOf, type Console } from './control.ts'

export interface RevokeOptions {
  readonly config: string
  readonly serial?: string
  readonly key?: string
  readonly identity?: string
  readonly subject?: string
  readonly issuer?: string
  readonly reason: string
  readonly until?: string
}

/** Revokes a certificate, a key, an identity or a subject; what is open of it ends at once. */
export async function revoke(options: RevokeOptions, console: Console): Promise<void> {
  const { config, serial, key, identity, subject, issuer, reason, until } = options
  const body = {
    serial,
    key: key === undefined ? undefined : await fingerprintOf(key),
    identity,
    subject,
    issuer,
    reason,
    expiresAt: until === undefined ? undefined : dateOf(until),
  }
  const answer = await ask({ config, method: 'POST', path: '/api/revocations', body }, console)
  if (console.json) return console.say(JSON.stringify(answer.body))
  const { revocation, ended } = fieldsOf(answer.body)
  const connections = rowsOf(ended)
  console.say(`revoked, as ${columns(fieldsOf(revocation)['id'])}`)
  for (const one of connections) {
    console.say(columns('ended', one['connectionId'], one['identity'], one['target']))
  }
}

/** Prints what is revoked. */
export async function listRevocations(config: string, console: Console): Promise<void> {
  const answer = await ask({ config, method: 'GET', path: '/api/revocations' }, console)
  if (console.json) return console.say(JSON.stringify(answer.body))
  for (const row of rowsOf(fieldsOf(answer.body)['revocations'])) {
    const { kind, serial, key, identity, issuer, subject } = fieldsOf(row['what'])
    const named = [serial, key, identity, issuer, subject].filter((part) => part !== undefined)
    const until = row['expiresAt'] ?? 'until lifted'
    console.say(columns(row['id'], kind, ...named, row['at'], until, row['reason']))
  }
}

/** Takes a revocation back. */
export async function lift(config: string, id: string, console: Console): Promise<void> {
  const path = `/api/revocations/${encodeURIComponent(id)}/lift`
  const answer = await ask({ config, method: 'POST', path, body: {} }, console)
  console.say(console.json ? JSON.stringify(answer.body) : `lifted ${id}`)
}

/** A fingerprint as it is, or that of the public key or certificate in a file. */
async function fingerprintOf(key: string): Promise<string> {
  if (key.startsWith('SHA256:')) return key
  const line = await readFile(key, 'utf8')
  const parsed = line.includes('-cert-v01@openssh.com')
    ? parseCertificateLine(line).subject
    : parsePublicKeyLine(line)
  return fingerprint(parsed.blob)
}

function dateOf(text: string): string {
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date.toISOString()
  throw new BastionError('ERR_BASTION_CONTROL', `${text} is not a date; write 2030-01-31T12:00Z`)
}
