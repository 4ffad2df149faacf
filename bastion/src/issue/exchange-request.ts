/** A token exchange as it came (RFC 8693 section 2.1), its form checked and nothing in it believed. */
export interface ExchangeRequest {
  readonly idToken: string
  readonly sshPublicKey: string
  /** Principals that are asked for, out of those that the rule gives. */
  readonly scope: readonly string[] | undefined
  /** Target names that the certificate is to be good for; all that the policy allows when absent. */
  readonly resources: readonly string[]
  /** Seconds. */
  readonly validFor: number | undefined
  /** An SSHSIG over the ID token by the key, made with `ssh-keygen -Y sign`. */
  readonly sshProof: string | undefined
}

/** An error answer (RFC 6749 section 5.2, RFC 8693 section 2.2.2). */
export interface ExchangeError {
  readonly kind: 'error'
  readonly status: number
  readonly error:
    | 'invalid_request'
    | 'invalid_scope'
    | 'invalid_target'
    | 'unsupported_grant_type'
    | 'access_denied'
    | 'temporarily_unavailable'
  readonly description: string
}

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt'
const TOKEN_TYPES = new Set([
  JWT_TYPE,
  'urn:ietf:params:oauth:token-type:id_token',
  'urn:ietf:params:oauth:token-type:access_token',
])
export const CERTIFICATE_TYPE = 'urn:sallyport:params:token-type:openssh-user-cert'

const KNOWN = new Set([
  'grant_type',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'ssh_public_key',
  'scope',
  'resource',
  'valid_for',
  'ssh_proof',
])

/** Reads the form. Unknown and repeated parameters are refused: what is not understood must not be granted. */
export function parseExchangeRequest(form: unknown): ExchangeRequest | ExchangeError {
  if (typeof form !== 'object' || form === null) return invalid('the body is not a form')
  const fields = new Map<string, unknown>(Object.entries(form))
  for (const [name, value] of fields) {
    if (!KNOWN.has(name)) return invalid(`unknown parameter ${JSON.stringify(name.slice(0, 40))}`)
    const several = name === 'resource' && Array.isArray(value) && value.every(isText)
    if (!isText(value) && !several) return invalid(`${name} must stand once`)
  }
  const text = (name: string): string | undefined => {
    const value = fields.get(name)
    return isText(value) && value !== '' ? value : undefined
  }
  if (text('grant_type') !== GRANT) {
    return error('unsupported_grant_type', `grant_type must be ${GRANT}`)
  }
  const idToken = text('subject_token')
  if (idToken === undefined) return invalid('subject_token is missing')
  if (!TOKEN_TYPES.has(text('subject_token_type') ?? '')) {
    return invalid(`subject_token_type must be ${JWT_TYPE}`)
  }
  const requested = text('requested_token_type')
  if (requested !== undefined && requested !== CERTIFICATE_TYPE) {
    return invalid(`requested_token_type must be ${CERTIFICATE_TYPE}`)
  }
  const sshPublicKey = text('ssh_public_key')
  if (sshPublicKey === undefined) return invalid('ssh_public_key is missing')
  const validFor = text('valid_for')
  if (validFor !== undefined && !/^[1-9][0-9]{0,6}$/.test(validFor)) {
    return invalid('valid_for must be a whole number of seconds')
  }
  const resource = fields.get('resource')
  return {
    idToken,
    sshPublicKey,
    scope: text('scope')
      ?.split(' ')
      .filter((word) => word !== ''),
    resources: Array.isArray(resource) ? resource.filter(isText) : [text('resource') ?? []].flat(),
    validFor: validFor === undefined ? undefined : Number(validFor),
    sshProof: text('ssh_proof'),
  }
}

export function error(
  name: ExchangeError['error'],
  description: string,
  status = 400,
): ExchangeError {
  return { kind: 'error', status, error: name, description }
}

function invalid(description: string): ExchangeError {
  return error('invalid_request', description)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
