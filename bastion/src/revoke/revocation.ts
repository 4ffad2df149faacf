/** What is revoked: one certificate, all of a key, all of an identity, or all of a token's subject. */
export type RevokedThing =
  | { readonly kind: 'serial'; readonly serial: string }
  /** A fingerprint as `ssh-keygen -l` prints it. */
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'identity'; readonly identity: string }
  /** `issuer` is our own name for it. */
  | { readonly kind: 'subject'; readonly issuer: string; readonly subject: string }

export interface Revocation {
  readonly id: string
  readonly what: RevokedThing
  readonly reason: string
  /** Who revoked it, and how that is known. */
  readonly by: string
  /** Times are ISO 8601. */
  readonly at: string
  /** When it may be forgotten; absent when it stands until it is lifted. */
  readonly expiresAt?: string | undefined
}

/** What a login, a live connection or an exchange shows of itself; an exchange has no serial yet. */
export interface Revocable {
  readonly serial?: bigint
  readonly key: string
  readonly identity: string
  readonly issuer: string
  readonly subject: string
}

/** Returns one text for equal things, by which a list finds them. */
export function keyOf(what: RevokedThing): string {
  switch (what.kind) {
    case 'serial':
      return JSON.stringify([what.kind, what.serial])
    case 'key':
      return JSON.stringify([what.kind, what.key])
    case 'identity':
      return JSON.stringify([what.kind, what.identity])
    case 'subject':
      return JSON.stringify([what.kind, what.issuer, what.subject])
  }
}

/** Returns the keys of everything that could be revoked of somebody. */
export function keysOf(who: Revocable): readonly string[] {
  const { serial, key, identity, issuer, subject } = who
  return [
    ...(serial === undefined ? [] : [keyOf({ kind: 'serial', serial: serial.toString() })]),
    keyOf({ kind: 'key', key }),
    keyOf({ kind: 'identity', identity }),
    keyOf({ kind: 'subject', issuer, subject }),
  ]
}

/** Returns the sentence that the revoked one hears. */
export function revocationText({ what, reason }: Revocation): string {
  return `${nameOf(what)} is revoked: ${reason}`
}

/** Returns how people name what is revoked. */
export function nameOf(what: RevokedThing): string {
  switch (what.kind) {
    case 'serial':
      return `certificate ${what.serial}`
    case 'key':
      return `key ${what.key}`
    case 'identity':
      return `identity ${what.identity}`
    case 'subject':
      return `subject ${what.subject} of issuer ${what.issuer}`
  }
}
