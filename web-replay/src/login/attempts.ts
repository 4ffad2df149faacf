/**
 * A login attempt lives in the browser that began it, sealed: the server keeps nothing before the
 * sign-in, so requests to /login cannot fill its memory. One cookie per attempt, named after its
 * `state`, so that two tabs can sign in side by side.
 *
 *   cookie value = base64url( iv[12] | tag[16] | AES-256-GCM(JSON) ), cookie name as associated text
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto'

const PREFIX = '__Host-login-'
const STATE = /^[A-Za-z0-9_-]{43}$/

/** How long a person may take at the identity provider, in milliseconds. */
export const ATTEMPT_LIFETIME: number = 10 * 60_000

export interface LoginAttempt {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly returnTo: string
  readonly expiresAt: number
}

export interface LoginAttempts {
  /** Returns name and value of the cookie that carries `attempt`. */
  seal(attempt: LoginAttempt): { readonly name: string; readonly value: string }
  /** Returns the attempt of `state`, or undefined: not from this browser, not from us, or too old. */
  open(state: unknown, cookies: ReadonlyMap<string, string>): LoginAttempt | undefined
  /** Returns the names of all attempt cookies that a browser sent. */
  names(cookies: ReadonlyMap<string, string>): readonly string[]
  /** Returns the name of the cookie that carries the attempt of `state`. */
  nameOf(state: string): string
}

export interface LoginAttemptsOptions {
  /** Secret of at least 32 bytes; only derived keys are used. */
  readonly secret: Uint8Array
  readonly now: () => number
  readonly random: (size: number) => Uint8Array
}

/** Returns a sealer of login attempts. Throws TypeError when the secret is shorter than 32 bytes. */
export function createLoginAttempts(options: LoginAttemptsOptions): LoginAttempts {
  if (options.secret.length < 32) throw new TypeError('"sessionKey" must be 32 bytes or more')
  const derived = hkdfSync('sha256', options.secret, '', 'sallyport login attempt', 32)
  const key = createSecretKey(new Uint8Array(derived))

  function nameOf(state: string): string {
    return PREFIX + state.slice(0, 12)
  }

  function seal(attempt: LoginAttempt): { readonly name: string; readonly value: string } {
    const name = nameOf(attempt.state)
    const iv = options.random(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
    const sealed = Buffer.concat([cipher.update(JSON.stringify(attempt), 'utf8'), cipher.final()])
    return { name, value: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url') }
  }

  function open(state: unknown, cookies: ReadonlyMap<string, string>): LoginAttempt | undefined {
    if (typeof state !== 'string' || !STATE.test(state)) return undefined
    const name = nameOf(state)
    const bytes = Buffer.from(cookies.get(name) ?? '', 'base64url')
    if (bytes.length < 29) return undefined
    const text = unseal(bytes, name)
    if (text === undefined) return undefined
    const attempt = JSON.parse(text) as LoginAttempt // sealed by us: the tag has been verified
    return attempt.state === state && options.now() < attempt.expiresAt ? attempt : undefined
  }

  function unseal(bytes: Buffer, name: string): string | undefined {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), {
      authTagLength: 16,
    })
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(12, 28))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }

  function names(cookies: ReadonlyMap<string, string>): readonly string[] {
    return [...cookies.keys()].filter((name) => name.startsWith(PREFIX))
  }

  return { seal, open, names, nameOf }
}
