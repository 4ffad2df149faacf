import type { Validator } from './rules.ts'

/** Seconds: a login is done at once or not at all, and the certificate is of no use after it. */
export const longestLogin = 60

/** What a session at a target may have; neither its start-up file (user-rc) nor X11. */
const permits: ReadonlySet<string> = new Set([
  'permit-agent-forwarding',
  'permit-port-forwarding',
  'permit-pty',
])

/** An extension that some target gives a meaning to would be more than was decided on. */
export const permitsSessionsOnly: Validator = (spec) => {
  const beyond = [...(spec.extensions?.keys() ?? [])].filter((name) => !permits.has(name))
  return beyond.length > 0 ? `it would permit more than a session: ${beyond.join(', ')}` : undefined
}

export const bindsAddressesOnly: Validator = (spec) => {
  const others = [...(spec.criticalOptions?.keys() ?? [])].filter(
    (name) => name !== 'source-address',
  )
  return others.length > 0 ? `it has other critical options: ${others.join(', ')}` : undefined
}

export const upstreamValidators: readonly Validator[] = [permitsSessionsOnly, bindsAddressesOnly]
