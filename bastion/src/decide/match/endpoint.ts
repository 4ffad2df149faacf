import type { Effect } from '../decision.ts'
import { isInward, readAddress } from './address.ts'
import { matchesWildcard } from './wildcard.ts'

/** A host as the agent spells it, a glob whose `*` does not cross a dot, or any; and its ports. */
export interface EndpointPattern {
  readonly host: string | { readonly glob?: string | undefined; readonly any?: true | undefined }
  readonly ports: 'any' | readonly (number | readonly [number, number])[]
}

export type EndpointMatcher = (host: string, port: number) => boolean

/** Whether the target connects to the endpoint, or listens on it. */
export type EndpointUse = 'connect' | 'listen'

const maxNameLength = 253
const dnsName = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?$/
const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ipv4 = new RegExp(String.raw`^${octet}(?:\.${octet}){3}$`)

/**
 * Returns the matcher of a host and port. To allow, patterns cover plain DNS names and dotted IPv4
 * addresses, but to connect never the target itself, its own link or cloud metadata: those must be
 * spelled out. To deny, any spelling is covered as far as it can be told without asking a name server.
 */
export function compileEndpoint(
  { host, ports }: EndpointPattern,
  effect: Effect,
  use: EndpointUse,
): EndpointMatcher {
  const matchesHost = effect === 'deny' ? wide(host) : narrow(host, use)
  return (name, port) => matchesPort(ports, port) && matchesHost(name)
}

function matchesPort(ports: EndpointPattern['ports'], port: number): boolean {
  // Port 0 asks for any free port: no range means that.
  if (ports === 'any') return port > 0
  return ports.some((one) =>
    typeof one === 'number' ? one === port : one[0] <= port && port <= one[1],
  )
}

function narrow(pattern: EndpointPattern['host'], use: EndpointUse): (host: string) => boolean {
  if (typeof pattern === 'string') return (host) => pattern === host
  return (host) => {
    const name = host.toLowerCase()
    if (name.length > maxNameLength || !(dnsName.test(name) || ipv4.test(name))) return false
    if (use === 'connect' && isInward(name)) return false
    return pattern.glob === undefined || covers(pattern.glob, name, '.')
  }
}

function wide(pattern: EndpointPattern['host']): (host: string) => boolean {
  if (typeof pattern === 'string') {
    const wanted = canonical(pattern)
    return (host) => canonical(host) === wanted
  }
  const { glob } = pattern
  if (glob === undefined) return () => true
  return (host) => covers(glob, bare(host), '') || covers(glob, canonical(host), '')
}

function canonical(host: string): string {
  return readAddress(host)?.text ?? bare(host)
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
}

function covers(glob: string, name: string, separators: string): boolean {
  return matchesWildcard(glob.toLowerCase(), name, { separators, leadingDot: true })
}
