/**
 * Why a call into this workspace failed. Expected refusals (an expired certificate, a signature that
 * does not fit) are values, not errors; these codes mean broken input or a broken world.
 */
export type KeysErrorCode =
  // wire
  | 'ERR_KEYS_WIRE_TRUNCATED'
  | 'ERR_KEYS_WIRE_TRAILING'
  | 'ERR_KEYS_WIRE_TEXT'
  | 'ERR_KEYS_WIRE_MPINT'
  // publickey
  | 'ERR_KEYS_PUBLICKEY_TYPE'
  | 'ERR_KEYS_PUBLICKEY_INVALID'
  | 'ERR_KEYS_PUBLICKEY_LINE'
  | 'ERR_KEYS_SIGN_ALGORITHM'
  // certificate
  | 'ERR_KEYS_CERTIFICATE_TYPE'
  | 'ERR_KEYS_CERTIFICATE_INVALID'
  | 'ERR_KEYS_CERTIFICATE_LINE'
  | 'ERR_KEYS_CERTIFICATE_SPEC'
  // authority
  | 'ERR_KEYS_AUTHORITY_FILE'
  | 'ERR_KEYS_AUTHORITY_REFUSED'
  // identity
  | 'ERR_KEYS_IDENTITY_INVALID'
  // durable
  | 'ERR_KEYS_FILE_CORRUPT'
  | 'ERR_KEYS_FILE_MODE'
  | 'ERR_KEYS_FILE_WRITE'
  | 'ERR_KEYS_FILE_LOCKED'
  // vault
  | 'ERR_KEYS_KEK_FILE'
  | 'ERR_KEYS_KEK_WRONG'
  | 'ERR_KEYS_KEK_REFUSED'
  | 'ERR_KEYS_KEK_UNREACHABLE'
  | 'ERR_KEYS_VAULT_ALTERED'
  | 'ERR_KEYS_VAULT_ROLLBACK'
  | 'ERR_KEYS_VAULT_ABSENT'
  | 'ERR_KEYS_VAULT_CLOSED'
  | 'ERR_KEYS_VAULT_EXPORT'
  | 'ERR_KEYS_PRIVATE_KEY'
  | 'ERR_KEYS_PRIVATE_KEY_ENCRYPTED'

/** The one error class of this workspace: `code` to act on, `message` to read, `cause` kept. */
export class KeysError extends Error {
  readonly code: KeysErrorCode

  constructor(code: KeysErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'KeysError'
    this.code = code
  }
}
