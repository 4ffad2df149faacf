import { readFile } from 'node:fs/promises'
import { AwsV4Signer } from 'aws4fetch'
import { KeysError } from '../errors.ts'
import { readAwsCredentials } from './aws-credentials.ts'
import type { AwsCredentialSource } from './aws-credentials.ts'
import { askEngine, engineAddress } from './engine-exchange.ts'
import type { EngineAnswer } from './engine-exchange.ts'
import { assertKind } from './kek.ts'
import type { KekSource } from './kek.ts'
import { remoteKek } from './kek-remote.ts'
import type { KeyEngine } from './kek-remote.ts'
import { createScratch } from './scratch.ts'
import { membersIn, quotedWords, takeSecret, writeSecretJson } from './secret-json.ts'

/** A symmetric key of AWS KMS. */
export interface AwsKmsKey {
  /** arn:aws:kms:REGION:ACCOUNT:key/ID. An alias may be pointed at another key, so it is refused. */
  readonly key: string
  /** The region of the key unless told. */
  readonly region?: string | undefined
  /** The public endpoint of the region unless told, such as that of a VPC. */
  readonly endpoint?: string | undefined
  readonly caFile?: string | undefined
  readonly credentials: AwsCredentialSource
  /** Milliseconds for one wrapping or unwrapping, with all its tries. */
  readonly timeout: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Place {
  readonly url: URL
  readonly region: string
}

/**
 * Returns the KEK that is a key of AWS KMS. The context of what is wrapped is its encryption context, which
 * CloudTrail shows. `open` asks nothing of AWS; the methods of the KEK throw `ERR_KEYS_KEK_REFUSED` when it
 * says no, and `ERR_KEYS_KEK_UNREACHABLE` when it does not answer, or not as it should.
 */
export function kekFromAwsKms(kms: AwsKmsKey): KekSource {
  const place = placeOf(kms)
  return {
    async open(parameters) {
      assertKind(parameters, 'aws-kms', 'AWS KMS')
      const { key } = kms
      return remoteKek(`aws-kms:${key}`, { kind: 'aws-kms', key }, engine(kms, place))
    },
  }
}

const arn = /^arn:(aws[a-z-]{0,20}):kms:([a-z0-9-]{1,32}):[0-9]{12}:key\/[A-Za-z0-9-]{1,64}$/

function placeOf({ key, region, endpoint }: AwsKmsKey): Place {
  const [, partition, ofKey] = arn.exec(key) ?? []
  if (ofKey === undefined) throw new TypeError(`"${key}" must be the ARN of a key of AWS KMS`)
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  const chosen = region ?? ofKey
  return { region: chosen, url: engineAddress(endpoint ?? `https://kms.${chosen}.${domain}`) }
}

function engine(kms: AwsKmsKey, place: Place): KeyEngine {
  const membersFor = (context: Uint8Array): Record<string, unknown> => ({
    KeyId: kms.key,
    EncryptionContext: { sallyport: Buffer.from(context).toString('utf8') },
  })
  return {
    async encrypt(bytes, context) {
      const scratch = createScratch()
      try {
        const body = writeSecretJson(membersFor(context), 'Plaintext', bytes, scratch)
        const answer = await ask(kms, place, 'Encrypt', body)
        if (answer.status !== 200) throw failure(kms, 'Encrypt', answer)
        const { CiphertextBlob: blob } = membersIn(answer.body)
        if (typeof blob === 'string' && blob !== '') return Buffer.from(blob, 'base64')
        throw unreachable(`${nameOf(kms)} gave no ciphertext`)
      } finally {
        scratch.wipe()
      }
    },
    async decrypt(ciphertext, context) {
      const members = { ...membersFor(context), CiphertextBlob: ciphertext.toString('base64') }
      const answer = await ask(kms, place, 'Decrypt', Buffer.from(JSON.stringify(members)))
      try {
        if (answer.status === 400 && others.includes(typeOf(answer))) return undefined
        if (answer.status !== 200) throw failure(kms, 'Decrypt', answer)
        const bytes = takeSecret(answer.body, 'Plaintext')
        if (bytes === undefined) throw unreachable(`${nameOf(kms)} gave no plaintext`)
        return bytes
      } finally {
        answer.body.fill(0)
      }
    },
  }
}

async function ask(
  kms: AwsKmsKey,
  { url, region }: Place,
  verb: 'Encrypt' | 'Decrypt',
  body: Buffer,
): Promise<EngineAnswer> {
  const signer = new AwsV4Signer({
    ...(await readAwsCredentials(kms.credentials)),
    method: 'POST',
    url: url.href,
    service: 'kms',
    region,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${verb}`,
    },
    body: new Uint8Array(body.buffer, body.byteOffset, body.length),
    // X-Amz-Date has no punctuation and no fractions of a second.
    datetime: new Date(kms.now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
  })
  const { headers } = await signer.sign()
  const ca = kms.caFile === undefined ? undefined : await readFile(kms.caFile)
  const request = {
    url,
    headers: Object.fromEntries(headers),
    body,
    ca,
    timeout: kms.timeout,
    isPassing,
  }
  try {
    return await askEngine(request)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'no reason was given'
    throw unreachable(`${nameOf(kms)} cannot be reached at ${url.host}: ${why}`, cause)
  }
}

/** The key is there and says that this is not of its making, or not for this context. */
const others = ['InvalidCiphertextException', 'IncorrectKeyException']

const passing = [
  'ThrottlingException',
  'LimitExceededException',
  'KMSInternalException',
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'ServiceUnavailableException',
]

function isPassing(answer: EngineAnswer): boolean {
  return answer.status >= 500 || passing.includes(typeOf(answer))
}

function failure(kms: AwsKmsKey, verb: string, answer: EngineAnswer): KeysError {
  const { message, Message } = membersIn(answer.body)
  const said = quotedWords(message ?? Message) || 'it gave no reason'
  const type = typeOf(answer)
  const text = `${nameOf(kms)} did not ${verb}: ${type || answer.status}: ${said}`
  if (isPassing(answer) || type === '') return unreachable(text)
  return new KeysError('ERR_KEYS_KEK_REFUSED', text)
}

/** The type may come with a namespace in front, and with an address behind. */
function typeOf(answer: EngineAnswer): string {
  const type = quotedWords(membersIn(answer.body)['__type'])
  return type.slice(type.lastIndexOf('#') + 1)
}

function nameOf({ key }: AwsKmsKey): string {
  return `AWS KMS (${key})`
}

function unreachable(message: string, cause?: unknown): KeysError {
  return new KeysError('ERR_KEYS_KEK_UNREACHABLE', message, { cause })
}
