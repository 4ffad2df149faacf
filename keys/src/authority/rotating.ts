import { formatPublicKeyLine } from '../publickey/index.ts'
import type { PublicKey } from '../publickey/index.ts'
import type { Authority } from './authority.ts'
import type { AuthorityKind } from './kind.ts'
import { addNext, keyIn, nextProblem, nextVersion, noteVerified } from './succession.ts'
import { promote, retire, rollBack } from './succession.ts'
import type { AuthorityKey, AuthorityKeyState, Succession } from './succession.ts'

/** An authority whose key can be changed without a moment in which its certificates are refused. */
export interface RotatingAuthority extends Authority {
  /** All that is known of its keys, oldest first. */
  keys(): readonly AuthorityKey[]
  /** Whose certificates are accepted: the active key and the one that is retiring. */
  trusted(): readonly PublicKey[]
  /** What others should know: the active key, then those that are next or retiring. */
  published(): readonly PublicKey[]
  /** Signs with the next key, so that it can be tried before it is promoted. */
  next(): { readonly version: number; readonly authority: Authority } | undefined
  /** Makes the next key. A change is on the disk when its promise resolves, and in force from then on. */
  addNext(): Promise<Succession>
  noteVerified(version: number, what: string): Promise<Succession>
  /** Has the next key sign from now on. `required` is what must have been verified with it. */
  promote(required: readonly string[]): Promise<Succession>
  rollBack(): Promise<Succession>
  /** Forgets the retiring key, once it has been that for `overlap` seconds, and removes its file. */
  retire(overlap: number): Promise<Succession>
}

export interface RotatingAuthorityOptions {
  readonly kind: AuthorityKind
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly keys: readonly AuthorityKey[]
  /** By version; there is one for each key that is not retired. */
  readonly signers: ReadonlyMap<number, Authority>
  /** Opens the key of a version, or makes it. */
  readonly openKey: (version: number) => Promise<Authority>
  /** Resolves when the keys are on the disk. */
  readonly store: (keys: readonly AuthorityKey[]) => Promise<void>
  /** Called once that is in force. */
  readonly stored: (keys: readonly AuthorityKey[]) => Promise<void>
  readonly inTurn: <T>(run: () => Promise<T>) => Promise<T>
}

export function createRotatingAuthority(options: RotatingAuthorityOptions): RotatingAuthority {
  const { kind, openKey, store, inTurn } = options
  const signers = new Map(options.signers)
  let { keys } = options

  const at = (): string => new Date(options.now()).toISOString()
  const signerIn = (state: AuthorityKeyState): Authority | undefined => {
    const key = keyIn(keys, state)
    return key && signers.get(key.version)
  }
  const active = (): Authority => {
    const authority = signerIn('active')
    if (authority === undefined) throw new TypeError(`the ${kind} authority has no active key`)
    return authority
  }
  const publicKeysIn = (...states: readonly AuthorityKeyState[]): readonly PublicKey[] =>
    states.flatMap((state) => signerIn(state)?.publicKey ?? [])
  /** What could not be written has not happened. */
  const change = (make: () => Promise<Succession> | Succession): Promise<Succession> =>
    inTurn(async () => {
      const outcome = await make()
      if (outcome.kind === 'refused') return outcome
      await store(outcome.keys)
      keys = outcome.keys
      for (const { version, state } of keys) if (state === 'retired') signers.delete(version)
      await options.stored(keys)
      return outcome
    })

  return {
    kind,
    get publicKey() {
      return active().publicKey
    },
    issueUserCertificate: (request) => active().issueUserCertificate(request),
    issueHostCertificate: (request) => active().issueHostCertificate(request),
    keys: () => keys,
    trusted: () => publicKeysIn('active', 'retiring'),
    published: () => publicKeysIn('active', 'next', 'retiring'),
    next() {
      const key = keyIn(keys, 'next')
      const authority = key && signers.get(key.version)
      return key && authority && { version: key.version, authority }
    },
    addNext: () =>
      change(async () => {
        const problem = nextProblem(keys)
        if (problem !== undefined) return { kind: 'refused', message: problem }
        const version = nextVersion(keys)
        const authority = await openKey(version)
        signers.set(version, authority)
        return addNext(keys, formatPublicKeyLine(authority.publicKey.blob), at())
      }),
    noteVerified: (version, what) => change(() => noteVerified(keys, version, what, at())),
    promote: (required) => change(() => promote(keys, required, at())),
    rollBack: () => change(() => rollBack(keys, at())),
    retire: (overlap) => change(() => retire(keys, overlap, at())),
  }
}
