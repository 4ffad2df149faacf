import type { KeyPlace } from '@sallyport/keys/rotation'
import type { Route, Target } from '../route/target.ts'

/** A key of the vault with every account into which it lets. */
export interface PlacedKey {
  readonly key: string
  readonly places: readonly KeyPlace[]
}

/** What to look at: keys by name, or all of the targets with these labels. All, when neither is given. */
export interface Selection {
  readonly keys?: readonly string[] | undefined
  readonly targets?: readonly string[] | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export type Selected =
  | { readonly kind: 'selected'; readonly keys: readonly PlacedKey[] }
  | {
      readonly kind: 'refused'
      /** `nothing`: no key is meant. `outside`: a key also lets in at a target that is not. */
      readonly reason: 'unknown' | 'nothing' | 'outside'
      readonly message: string
    }

/** Returns the keys of targets, each with all its places, in the order of the targets. */
export function placeKeys(targets: readonly Target[]): readonly PlacedKey[] {
  const byKey = new Map<string, KeyPlace[]>()
  for (const { name, logins } of targets)
    for (const one of logins) {
      // One with a certificate has no key that could be rotated.
      if (!('key' in one)) continue
      const { login, key } = one
      const places = byKey.get(key)
      if (places === undefined) byKey.set(key, [{ target: name, login }])
      else places.push({ target: name, login })
    }
  return [...byKey].map(([key, places]) => ({ key, places }))
}

/** Returns the keys that a selection means. A key is changed everywhere or nowhere, so that it must be selected whole. */
export function select(targets: readonly Target[], selection: Selection): Selected {
  const placed = placeKeys(targets)
  const unknown =
    selection.keys?.find((key) => placed.every((one) => one.key !== key)) ??
    selection.targets?.find((name) => targets.every((target) => target.name !== name))
  if (unknown !== undefined)
    return {
      kind: 'refused',
      reason: 'unknown',
      message: `there is no key of a login, or target, named ${unknown}`,
    }
  const chosen = new Set(
    targets.filter((target) => isChosen(target, selection)).map(({ name }) => name),
  )
  const touched = placed.filter(({ key, places }) =>
    selection.keys === undefined
      ? places.some(({ target }) => chosen.has(target))
      : selection.keys.includes(key),
  )
  if (touched.length === 0)
    return { kind: 'refused', reason: 'nothing', message: 'no target is meant by that' }
  if (selection.keys === undefined)
    for (const { key, places } of touched) {
      const outside = places.find(({ target }) => !chosen.has(target))
      if (outside !== undefined)
        return {
          kind: 'refused',
          reason: 'outside',
          message: `the key ${key} also lets in at ${outside.target}, which is not selected; name the key to change it everywhere`,
        }
    }
  return { kind: 'selected', keys: touched }
}

function isChosen(target: Target, { targets, labels }: Selection): boolean {
  if (targets !== undefined && !targets.includes(target.name)) return false
  return Object.entries(labels ?? {}).every(([name, value]) => target.labels[name] === value)
}

/** Returns the way to a place; undefined when the configuration has no such place any more. */
export function routeTo(targets: readonly Target[], place: KeyPlace): Route | undefined {
  const target = targets.find(({ name }) => name === place.target)
  const login = target?.logins.find((one) => one.login === place.login)
  return target === undefined || login === undefined ? undefined : { target, login }
}
