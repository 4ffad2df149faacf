// A double of the transit engine of HashiCorp Vault and OpenBao, as their sources have it: status codes,
// words of errors, form of ciphertexts, and what associated_data does.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface TransitDouble {
  readonly address: string
  /** Keys by name; each rotation adds a version. */
  readonly keys: Map<string, Buffer[]>
  readonly asked: { path: string; headers: IncomingMessage['headers']; body: string }[]
  token: string
  sealed: boolean
  /** Verbs that the policy of the token allows. */
  allowed: readonly string[]
  minimumVersion: number
  /** What happens instead of an answer. */
  instead: ((response: ServerResponse) => void) | undefined
  close(): Promise<void>
}

export async function startTransit(tls?: {
  readonly key: Buffer
  readonly cert: Buffer
}): Promise<TransitDouble> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      double.asked.push({ path: request.url ?? '', headers: request.headers, body })
      if (double.instead !== undefined) return double.instead(response)
      const { status, json } = judge(double, request, body)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(json)}\n`)
    })
  }
  const server = tls === undefined ? createHttpServer(answer) : createHttpsServer(tls, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const double: TransitDouble = {
    address: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    keys: new Map([['kek', [randomBytes(32)]]]),
    asked: [],
    token: 'hvs.good',
    sealed: false,
    allowed: ['encrypt', 'decrypt'],
    minimumVersion: 1,
    instead: undefined,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return double
}

interface Judged {
  readonly status: number
  readonly json: unknown
}

function judge(double: TransitDouble, request: IncomingMessage, body: string): Judged {
  if (double.sealed) return refusal(503, 'Vault is sealed')
  const [, version, mount, verb = '', name = ''] = (request.url ?? '').split('/')
  if (request.headers['x-vault-token'] !== double.token || !double.allowed.includes(verb)) {
    return refusal(403, '1 error occurred:\n\t* permission denied\n\n')
  }
  if (version !== 'v1' || mount !== 'transit') {
    return refusal(404, `no handler for route "${mount}/${verb}/${name}". route entry not found.`)
  }
  const versions = double.keys.get(name)
  if (versions === undefined) return refusal(400, 'encryption key not found')
  const asked = JSON.parse(body) as Record<string, string>
  const context = Buffer.from(asked['associated_data'] ?? '', 'base64')
  if (verb === 'encrypt') {
    const ciphertext = encrypt(versions, Buffer.from(asked['plaintext'] ?? '', 'base64'), context)
    return { status: 200, json: { request_id: 'x', data: { ciphertext, key_version: 1 } } }
  }
  const [, number, text = ''] = /^vault:v([0-9]+):(.*)$/.exec(asked['ciphertext'] ?? '') ?? []
  if (number === undefined) return refusal(400, 'invalid ciphertext: no prefix')
  const key = versions[Number(number) - 1]
  if (key === undefined) return refusal(400, 'invalid ciphertext: version is too new')
  if (Number(number) < double.minimumVersion) {
    return refusal(400, 'ciphertext or signature version is disallowed by policy (too old)')
  }
  const plaintext = decrypt(key, Buffer.from(text, 'base64'), context)
  if (plaintext === undefined) return refusal(400, 'cipher: message authentication failed')
  return {
    status: 200,
    json: { request_id: 'x', data: { plaintext: plaintext.toString('base64') } },
  }
}

function refusal(status: number, error: string): Judged {
  return { status, json: { errors: [error] } }
}

function encrypt(versions: readonly Buffer[], plaintext: Buffer, context: Buffer): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1) ?? '', nonce)
  cipher.setAAD(context)
  const parts = [nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]
  return `vault:v${versions.length}:${Buffer.concat(parts).toString('base64')}`
}

function decrypt(key: Buffer, bytes: Buffer, context: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAAD(context)
  decipher.setAuthTag(bytes.subarray(-16))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
  } catch {
    return undefined
  }
}
