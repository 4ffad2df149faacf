export type Role = 'reviewer' | 'approver' | 'admin'

/** For each role the groups, by exact value, whose members hold it. */
export interface RoleGroups {
  readonly reviewer: readonly string[]
  readonly approver: readonly string[]
  readonly admin: readonly string[]
}

export type Permission =
  | 'recordings.view'
  | 'recordings.raw'
  | 'approvals.view'
  | 'approvals.decide'
  | 'sessions.end'
  | 'keys.rotate'

const GRANTS: Readonly<Record<Role, readonly Permission[]>> = {
  reviewer: ['recordings.view', 'recordings.raw'],
  // Which held command somebody may decide on is for the rule that holds it to say.
  approver: ['recordings.view', 'approvals.view', 'approvals.decide', 'sessions.end'],
  admin: [
    'recordings.view',
    'recordings.raw',
    'approvals.view',
    'approvals.decide',
    'sessions.end',
    'keys.rotate',
  ],
}

/**
 * Returns the groups in verified claims. `claim` is looked up as an exact name first (names may hold
 * dots), then as a dotted path. A string is one group: splitting it at blanks would let a group
 * called `x admins` pass for `admins`.
 */
export function groupsFromClaims(
  claims: Readonly<Record<string, unknown>>,
  claim: string,
): readonly string[] {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : valueAtPath(claims, claim.split('.'))
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return []
  return value.filter((item: unknown) => typeof item === 'string')
}

/** Returns the roles of a member of `groups`; none means no access at all. */
export function rolesForGroups(groups: readonly string[], roles: RoleGroups): readonly Role[] {
  const held = new Set(groups)
  const all: readonly Role[] = ['reviewer', 'approver', 'admin']
  return all.filter((role) => roles[role].some((group) => held.has(group)))
}

/** Returns what `roles` permit, each once. */
export function permissionsOf(roles: readonly Role[]): readonly Permission[] {
  return [...new Set(roles.flatMap((role) => GRANTS[role]))]
}

/** True when one of `roles` carries `permission`. */
export function isPermitted(roles: readonly Role[], permission: Permission): boolean {
  return roles.some((role) => GRANTS[role].includes(permission))
}

function valueAtPath(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return valueAtPath(Object.entries(value).find(([key]) => key === name)?.[1], rest)
}
