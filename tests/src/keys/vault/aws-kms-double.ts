// A double of AWS KMS, as its API reference has it: Encrypt and Decrypt in JSON 1.1, encryption contexts,
// types of errors, and Signature Version 4, which is verified here by code of its own.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AwsKmsDouble {
  readonly endpoint: string
  readonly asked: { target: string; authorization: string; body: Record<string, unknown> }[]
  /** Keys by ARN. */
  readonly keys: Map<string, Buffer>
  readonly secrets: Map<string, { secret: string; session?: string }>
  /** Answers with this instead. */
  instead: { readonly status: number; readonly body: unknown } | undefined
  close(): Promise<void>
}

export async function startAwsKms(arn: string): Promise<AwsKmsDouble> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(double, request, Buffer.concat(chunks), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const double: AwsKmsDouble = {
    endpoint: `http://127.0.0.1:${port}`,
    asked: [],
    keys: new Map([[arn, randomBytes(32)]]),
    secrets: new Map([['AKIDEXAMPLE', { secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY' }]]),
    instead: undefined,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return double
}

function answer(
  double: AwsKmsDouble,
  request: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse,
): void {
  const body = JSON.parse(bytes.toString()) as Record<string, unknown>
  const target = String(request.headers['x-amz-target'])
  const { authorization = '' } = request.headers
  double.asked.push({ target, authorization, body })
  const { status, body: json } = double.instead ?? judge(double, request, bytes, body)
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(JSON.stringify(json))
}

function judge(
  double: AwsKmsDouble,
  request: IncomingMessage,
  bytes: Buffer,
  body: Record<string, unknown>,
): { status: number; body: unknown } {
  const unsigned = faultOfSignature(double, request, bytes)
  if (unsigned !== undefined) return refusal(unsigned, 'The request signature does not match.')
  const arn = String(body['KeyId'])
  const key = double.keys.get(arn)
  if (key === undefined) return refusal('NotFoundException', `Key '${arn}' does not exist`)
  const context = Buffer.from(JSON.stringify(body['EncryptionContext'] ?? {}))
  if (request.headers['x-amz-target'] === 'TrentService.Encrypt') {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(context)
    const sealed = [cipher.update(String(body['Plaintext']), 'base64'), cipher.final()]
    const blob = Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64')
    return { status: 200, body: { KeyId: arn, CiphertextBlob: blob } }
  }
  const blob = Buffer.from(String(body['CiphertextBlob']), 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12)).setAAD(context)
    decipher.setAuthTag(blob.subarray(-16))
    const opened = Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()])
    return { status: 200, body: { KeyId: arn, Plaintext: opened.toString('base64') } }
  } catch {
    return { status: 400, body: { __type: 'InvalidCiphertextException' } }
  }
}

function refusal(type: string, message: string): { status: number; body: unknown } {
  return { status: 400, body: { __type: type, message } }
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
function faultOfSignature(
  double: AwsKmsDouble,
  { headers, method }: IncomingMessage,
  bytes: Buffer,
): string | undefined {
  const shape =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([0-9]{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id = '', day = '', region = '', signed = '', signature] =
    shape.exec(headers.authorization ?? '') ?? []
  const account = double.secrets.get(id)
  if (account === undefined) return 'UnrecognizedClientException'
  if (headers['x-amz-security-token'] !== account.session) return 'ExpiredTokenException'
  for (const name of ['host', 'x-amz-date', 'x-amz-target']) {
    if (!signed.split(';').includes(name)) return 'IncompleteSignatureException'
  }
  const hash = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
  const mac = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest()
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const canonical = [method, '/', '', lines.join(''), signed, hash(bytes)].join('\n')
  const scope = `${day}/${region}/kms/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n')
  const forRegion = mac(mac(`AWS4${account.secret}`, day), region)
  const expected = mac(mac(mac(forRegion, 'kms'), 'aws4_request'), text).toString('hex')
  return expected === signature ? undefined : 'InvalidSignatureException'
}
