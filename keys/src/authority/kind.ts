/** Who is certified: agents at the bastion, hosts to agents, or the bastion itself at its targets. */
export type AuthorityKind = 'user' | 'host' | 'upstream'

export const authorityKinds = ['user', 'host', 'upstream'] as const
