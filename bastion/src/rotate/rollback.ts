import { hasEnded, type RotationRun } from '@sallyport/keys/rotation'
import type { PlacedKey } from './places.ts'
import {
  activeOf,
  rotateKey,
  type KeyOutcome,
  type RotateOptions,
  type RotateParts,
} from './rotate-key.ts'

export type RolledBack =
  | { readonly kind: 'ok'; readonly outcome: KeyOutcome }
  | { readonly kind: 'refused'; readonly message: string }

/** Goes back to the version of a key before the active one, by a rotation like any other. */
export async function rollbackKey(
  parts: RotateParts,
  placed: PlacedKey,
  options: Pick<RotationRun, 'by' | 'despiteFreeze'> & Pick<RotateOptions, 'mayBegin'>,
): Promise<RolledBack> {
  const { vault, store, report } = parts
  const { key } = placed
  const { by, despiteFreeze, mayBegin } = options
  const begun = store.ofKey(key)
  if (begun !== undefined && !hasEnded(begun))
    return { kind: 'refused', message: `a rotation of ${key} has not ended; rotate it first` }
  const active = activeOf(vault, key)
  const earlier = vault.versions(key).findLast(({ version }) => version < active)
  if (earlier === undefined)
    return { kind: 'refused', message: `no version of ${key} before ${active} is kept` }
  const to = earlier.version
  report('rotation.rollback-began', { key, from: active, to, by, despiteFreeze })
  return { kind: 'ok', outcome: await rotateKey(parts, placed, { by, to, mayBegin }) }
}
