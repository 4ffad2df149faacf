import { isInScope } from '../find/scope.ts'
import type { SignIn } from '../login/sign-ins.ts'
import type {
  ApprovalDesk,
  DeskAnswer,
  DeskPerson,
  DeskVerdict,
  GrantRow,
  HeldCommand,
  Scope,
} from '../roles.ts'

/** The desk as the scope of whoever asks shows it: what is out of it is not there, not even to be refused. */
export interface ScopedDesk {
  list(viewer: SignIn): Promise<readonly HeldCommand[]>
  get(ticket: string, viewer: SignIn): Promise<HeldCommand | undefined>
  /** Undefined when there is no such request. */
  decide(ticket: string, viewer: SignIn, verdict: DeskVerdict): Promise<DeskAnswer | undefined>
  grants(viewer: SignIn): Promise<readonly GrantRow[]>
  /** False when there is no such grant. */
  revokeGrant(id: string, viewer: SignIn, reason: string): Promise<boolean>
}

export function createScopedDesk(
  desk: ApprovalDesk,
  scopeOf: (viewer: SignIn) => Scope,
): ScopedDesk {
  async function list(viewer: SignIn): Promise<readonly HeldCommand[]> {
    const scope = scopeOf(viewer)
    const rows = await desk.list(personOf(viewer))
    return rows.filter(({ target }) => isInScope(scope, target))
  }

  async function get(ticket: string, viewer: SignIn): Promise<HeldCommand | undefined> {
    const row = await desk.get(ticket, personOf(viewer))
    return row !== undefined && isInScope(scopeOf(viewer), row.target) ? row : undefined
  }

  async function grants(viewer: SignIn): Promise<readonly GrantRow[]> {
    const scope = scopeOf(viewer)
    return (await desk.grants()).filter(({ target }) => isInScope(scope, target))
  }

  return {
    list,
    get,
    grants,
    async decide(ticket, viewer, verdict) {
      const row = await get(ticket, viewer)
      return row && desk.decide(ticket, personOf(viewer), verdict)
    },
    async revokeGrant(id, viewer, reason) {
      const own = await grants(viewer)
      return own.some((grant) => grant.id === id) && desk.revokeGrant(id, personOf(viewer), reason)
    },
  }
}

function personOf({ issuer, subject, name, groups }: SignIn): DeskPerson {
  return { issuer, subject, name, groups }
}
