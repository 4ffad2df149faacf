import { randomUUID } from 'node:crypto'
import {
  advance,
  hasEnded,
  nameOf,
  PlaceError,
  type Inspection,
  type KeyPlace,
  type Rotation,
  type RotationStore,
  type RunKeyType,
  type RotationWorld,
} from '@sallyport/keys/rotation'
import type { Vault } from '@sallyport/keys/vault'
import { barredAt, openPlace, tryLogin, type PlaceAccess } from './open-place.ts'
import type { PlacedKey } from './places.ts'

export interface RotateParts {
  readonly vault: Vault
  readonly store: RotationStore
  readonly access: PlaceAccess
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly report: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** What a dry run found at one place. */
export type PlacePlan = KeyPlace & Inspection

/** Logs in at each place of a key and looks; nothing is changed. */
export async function planKey(
  parts: RotateParts,
  { key, places }: PlacedKey,
): Promise<readonly PlacePlan[]> {
  const { vault, access } = parts
  const active = activeOf(vault, key)
  const line = publicKeyLineOf(vault, key, active)
  const plans: PlacePlan[] = []
  for (const place of places)
    plans.push({ ...place, ...(await inspect(access, place, active, line)) })
  return plans
}

async function inspect(
  access: PlaceAccess,
  place: KeyPlace,
  version: number,
  line: string,
): Promise<Inspection> {
  const barred = barredAt(access, place)
  if (barred !== undefined) return { found: [], problems: [barred], warnings: [] }
  try {
    const open = await openPlace(access, place, version)
    try {
      return await open.inspect(line)
    } finally {
      open.close()
    }
  } catch (error) {
    if (!(error instanceof PlaceError)) throw error
    return { found: [], problems: [error.message], warnings: [] }
  }
}

export type KeyOutcome =
  | { readonly kind: 'rotated'; readonly rotation: Rotation }
  /** Nothing is left of it at the targets. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** It goes on when it is asked for again. */
  | { readonly kind: 'unfinished'; readonly rotation: Rotation; readonly problem: string }
  /** It was not begun, since it no longer might. */
  | { readonly kind: 'held'; readonly problem: string }

export interface RotateOptions {
  /** Asked before the first act at a target; a no means that it is not begun. */
  readonly mayBegin?: (() => boolean) | undefined
  readonly by: string
  /** A kept version to go back to, instead of a new one. */
  readonly to?: number | undefined
  /** What a new key is: ed25519 unless told. */
  readonly type?: RunKeyType | undefined
}

/** Rotates one key, or goes on with a rotation of it that has not ended. */
export async function rotateKey(
  parts: RotateParts,
  placed: PlacedKey,
  options: RotateOptions,
): Promise<KeyOutcome> {
  const { store } = parts
  const { key } = placed
  const begun = store.ofKey(key)
  const resumed = begun !== undefined && !hasEnded(begun)
  if (resumed) return finish(parts, begun)
  // Not even the others of its places are logged in to.
  const barred = placed.places.flatMap((place) => barredAt(parts.access, place) ?? [])
  if (barred.length > 0) return { kind: 'refused', problem: barred.join('; ') }
  const plans = await planKey(parts, placed)
  const problems = plans.flatMap((plan) =>
    plan.problems.map((problem) => `${nameOf(plan)}: ${problem}`),
  )
  if (problems.length > 0) return { kind: 'refused', problem: problems.join('; ') }
  // Looking at its places, and waiting for others to be done there, takes its time.
  if (options.mayBegin?.() === false) return { kind: 'held', problem: 'it was not begun' }
  return finish(parts, await begin(parts, placed, options))
}

async function begin(
  { vault, store, now, report }: RotateParts,
  { key, places }: PlacedKey,
  { by, to, type = 'ed25519' }: RotateOptions,
): Promise<Rotation> {
  const from = activeOf(vault, key)
  if (to === undefined)
    await vault.generate(key, { type, activate: false, comment: `sallyport ${key}` })
  const at = new Date(now()).toISOString()
  const rotation: Rotation = {
    id: randomUUID(),
    key,
    from,
    to: to ?? vault.versions(key).at(-1)?.version ?? from,
    phase: 'adding',
    places: places.map((place) => ({ ...place, step: 'waiting' })),
    by,
    startedAt: at,
    changedAt: at,
  }
  await store.save(rotation)
  report('rotation.began', { ...rotation, places: places.map(nameOf) })
  return rotation
}

async function finish(parts: RotateParts, rotation: Rotation): Promise<KeyOutcome> {
  const { report } = parts
  const ended = await advance(rotation, worldOf(parts, rotation.key))
  const { id, key, from, to, phase, problem } = ended
  report(`rotation.${phase === 'done' || phase === 'withdrawn' ? phase : 'stopped'}`, {
    id,
    key,
    from,
    to,
    problem,
  })
  switch (ended.phase) {
    case 'done':
      return { kind: 'rotated', rotation: ended }
    case 'withdrawn':
      return { kind: 'refused', problem: problem ?? 'it was taken back' }
    case 'adding':
    case 'removing':
    case 'withdrawing':
      return { kind: 'unfinished', rotation: ended, problem: problem ?? 'it was interrupted' }
  }
}

function worldOf({ vault, store, access, now }: RotateParts, key: string): RotationWorld {
  return {
    active: () => activeOf(vault, key),
    activate: (version) => vault.activate(key, version),
    publicKeyLine: (version) => publicKeyLineOf(vault, key, version),
    open: (place, version) => openPlace(access, place, version),
    tryLogin: (place, version) => tryLogin(access, place, version),
    save: (rotation) => store.save(rotation),
    now: () => new Date(now()).toISOString(),
  }
}

/** Returns the version of a key that logins use. Throws ERR_KEYS_VAULT_ABSENT. */
export function activeOf(vault: Vault, key: string): number {
  return vault.versions(key).find(({ active }) => active)?.version ?? 0
}

/** Returns a kept version of a key as it stands in an authorized_keys file. */
export function publicKeyLineOf(vault: Vault, key: string, version: number): string {
  const entry = vault.versions(key).find((one) => one.version === version)
  if (entry === undefined) throw new TypeError(`version ${version} of ${key} is not kept any more`)
  return entry.publicKeyLine
}
