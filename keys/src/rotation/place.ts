/** An account at a target into which a key lets. */
export interface KeyPlace {
  readonly target: string
  readonly login: string
}

/** What a look at a place found; nothing was changed. */
export interface Inspection {
  /** Where the key that is in use stands, or what else holds it. */
  readonly found: readonly string[]
  /** Why a rotation cannot be done there. */
  readonly problems: readonly string[]
  /** What may undo it later, or is worth knowing. */
  readonly warnings: readonly string[]
}

/** A place that is logged in to. All of these may be asked for twice, and then do nothing the second time. */
export interface OpenPlace {
  inspect(current: string): Promise<Inspection>
  /** Lets a key in beside another one, with the same options. Both are public key lines. */
  add(added: string, beside: string): Promise<void>
  /** Lets a key in no more; refused when that would leave `keep` shut out. Both are public key lines. */
  remove(removed: string, keep: string): Promise<void>
  close(): void
}

/** Characters of a reason that are kept: a target has its part in many, and they are written down. */
const LONGEST = 1000

/** Why something could not be done at a place, in words for an admin. */
export class PlaceError extends Error {
  /** `unreachable` may pass; the others need somebody. */
  readonly kind: 'unreachable' | 'refused' | 'untrusted' | 'unsuitable'

  constructor(kind: PlaceError['kind'], message: string, options?: ErrorOptions) {
    super(message.length > LONGEST ? `${message.slice(0, LONGEST)}...` : message, options)
    this.name = 'PlaceError'
    this.kind = kind
  }
}

/** Returns how a place is named in words. */
export function nameOf({ target, login }: KeyPlace): string {
  return `${login}@${target}`
}
