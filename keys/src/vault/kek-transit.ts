import { readFile } from 'node:fs/promises'
import { readPrivateFile } from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { askEngine, engineAddress } from './engine-exchange.ts'
import type { EngineAnswer } from './engine-exchange.ts'
import { assertKind } from './kek.ts'
import type { KekSource } from './kek.ts'
import { remoteKek } from './kek-remote.ts'
import type { KeyEngine } from './kek-remote.ts'
import { createScratch } from './scratch.ts'
import { membersIn, membersOf, quotedWords, takeSecret, writeSecretJson } from './secret-json.ts'

/** A key of the transit engine of HashiCorp Vault or OpenBao. */
export interface TransitKey {
  /** Such as https://vault.example:8200. */
  readonly address: string
  /** Where the engine is mounted. */
  readonly mount: string
  readonly key: string
  /** A file that only we can read, with the token; it is read again for each request. */
  readonly tokenFile: string
  readonly caFile?: string | undefined
  readonly namespace?: string | undefined
  /** Milliseconds for one wrapping or unwrapping, with all its tries. */
  readonly timeout: number
}

/**
 * Returns the KEK that is a key of a transit engine. `open` asks nothing of the engine; the methods of the
 * KEK throw `ERR_KEYS_KEK_REFUSED` when it says no, and `ERR_KEYS_KEK_UNREACHABLE` when it is sealed, does
 * not answer, or answers what it should not.
 */
export function kekFromTransit(transit: TransitKey): KekSource {
  const { mount, key } = transit
  const base = engineAddress(transit.address)
  return {
    async open(parameters) {
      assertKind(parameters, 'transit', 'a transit engine')
      return remoteKek(
        `transit:${mount}/${key}`,
        { kind: 'transit', mount, key },
        engine(transit, base),
      )
    },
  }
}

function engine(transit: TransitKey, base: URL): KeyEngine {
  return {
    async encrypt(bytes, context) {
      const scratch = createScratch()
      try {
        const members = { associated_data: Buffer.from(context).toString('base64') }
        const body = writeSecretJson(members, 'plaintext', bytes, scratch)
        const answer = await ask(transit, base, 'encrypt', body)
        if (answer.status !== 200) throw failure(transit, 'encrypt', answer)
        const { ciphertext } = membersOf(membersIn(answer.body)['data'])
        if (typeof ciphertext === 'string' && ciphertext !== '') return Buffer.from(ciphertext)
        throw odd(transit, 'gave no ciphertext')
      } finally {
        scratch.wipe()
      }
    },
    async decrypt(ciphertext, context) {
      const members = {
        ciphertext: ciphertext.toString('latin1'),
        associated_data: Buffer.from(context).toString('base64'),
      }
      const answer = await ask(transit, base, 'decrypt', Buffer.from(JSON.stringify(members)))
      try {
        if (answer.status === 400 && isOther(answer)) return undefined
        if (answer.status !== 200) throw failure(transit, 'decrypt', answer)
        const bytes = takeSecret(answer.body, 'plaintext')
        if (bytes === undefined) throw odd(transit, 'gave no plaintext')
        return bytes
      } finally {
        answer.body.fill(0)
      }
    },
  }
}

async function ask(
  transit: TransitKey,
  base: URL,
  verb: 'encrypt' | 'decrypt',
  body: Buffer,
): Promise<EngineAnswer> {
  const { tokenFile, caFile, namespace, timeout } = transit
  const path = `${base.pathname.replace(/\/$/, '')}/v1/${transit.mount}/${verb}/${transit.key}`
  const headers = {
    'content-type': 'application/json',
    'x-vault-request': 'true',
    'x-vault-token': await tokenIn(tokenFile),
    ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
  }
  const ca = caFile === undefined ? undefined : await readFile(caFile)
  try {
    const url = new URL(path, base)
    return await askEngine({ url, headers, body, ca, timeout, isPassing })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'no reason was given'
    throw unreachable(`${nameOf(transit)} cannot be reached: ${why}`, cause)
  }
}

/** Too many requests, a standby that is behind, a proxy in front of an engine that restarts, or sealed. */
const passing = [412, 429, 500, 502, 503, 504]

function isPassing({ status }: EngineAnswer): boolean {
  return passing.includes(status)
}

async function tokenIn(file: string): Promise<string> {
  const bytes = await readPrivateFile(file)
  if (bytes === undefined) throw new KeysError('ERR_KEYS_KEK_FILE', `no token at ${file}`)
  const token = bytes.toString('latin1').trim()
  bytes.fill(0)
  if (/^[!-~]{1,4096}$/.test(token)) return token
  throw new KeysError('ERR_KEYS_KEK_FILE', `${file} holds no token of a transit engine`)
}

/** The key is there and says that this ciphertext is not of its making, or not for this context. */
function isOther(answer: EngineAnswer): boolean {
  const said = wordsOf(answer)
  return said.includes('message authentication failed') || said.includes('invalid ciphertext')
}

function failure(transit: TransitKey, verb: string, answer: EngineAnswer): KeysError {
  const said = wordsOf(answer)
  const name = nameOf(transit)
  const what = `${verb} with ${transit.mount}/${transit.key}`
  switch (answer.status) {
    case 403: {
      const message = `${name} refuses to ${what} for the token in ${transit.tokenFile}: ${said}`
      return new KeysError('ERR_KEYS_KEK_REFUSED', message)
    }
    case 400:
    case 404:
      return new KeysError('ERR_KEYS_KEK_REFUSED', `${name} cannot ${what}: ${said}`)
    case 503:
      return unreachable(`${name} is sealed or in maintenance: ${said}`)
    default:
      return unreachable(`${name} answered with status ${answer.status}: ${said}`)
  }
}

function wordsOf(answer: EngineAnswer): string {
  const { errors } = membersIn(answer.body)
  const all = Array.isArray(errors) ? errors.map(quotedWords).join('; ').trim() : ''
  return all === '' ? 'it gave no reason' : all.slice(0, 400)
}

function odd(transit: TransitKey, what: string): KeysError {
  return unreachable(`${nameOf(transit)} ${what}: is it a transit engine?`)
}

function nameOf({ address }: TransitKey): string {
  return `the transit engine at ${address}`
}

function unreachable(message: string, cause?: unknown): KeysError {
  return new KeysError('ERR_KEYS_KEK_UNREACHABLE', message, { cause })
}
