import { createReader } from '@sallyport/keys/wire'

/** A publickey request (RFC 4252 section 7); without a signature it is only a query. */
export interface PublicKeyRequest {
  readonly kind: 'publickey'
  readonly username: string
  readonly algorithm: string
  readonly blob: Buffer
  readonly signature?: { readonly blob: Buffer; readonly signedData: Buffer }
}

export type UserauthRequest =
  | PublicKeyRequest
  | { readonly kind: 'other'; readonly username: string; readonly method: string }
  | { readonly kind: 'wrong-service'; readonly service: string }

/**
 * Reads SSH_MSG_USERAUTH_REQUEST:
 *
 *     byte 50, string user name, string service name, string method name,
 *     publickey: boolean has signature, string algorithm, string blob, [string signature]
 *
 * The signed data is the session id as a string, then the request up to the signature. Throws KeysError on a request
 * that is cut short or has bytes left over.
 */
export function parseUserauthRequest(payload: Buffer, sessionId: Buffer): UserauthRequest {
  const reader = createReader(payload)
  reader.u8()
  const username = reader.text()
  const service = reader.text()
  if (service !== 'ssh-connection') return { kind: 'wrong-service', service }
  const method = reader.text()
  if (method !== 'publickey') return { kind: 'other', username, method }
  const signed = reader.bool()
  const algorithm = reader.text()
  const blob = reader.string()
  if (!signed) {
    reader.end()
    return { kind: 'publickey', username, algorithm, blob }
  }
  const upToSignature = payload.subarray(0, reader.offset)
  const signatureBlob = reader.string()
  reader.end()
  const length = Buffer.alloc(4)
  length.writeUInt32BE(sessionId.length)
  const signedData = Buffer.concat([length, sessionId, upToSignature])
  return {
    kind: 'publickey',
    username,
    algorithm,
    blob,
    signature: { blob: signatureBlob, signedData },
  }
}
