import type { Effect } from '../decision.ts'
import { matchesWildcard } from './wildcard.ts'

/** A host as the agent spells it, a glob whose `*` does not cross a dot, or any; and its ports. */
export interface EndpointPattern {
  readonly host: string | { readonly glob?: string | undefined; readonly any?: true | undefined }
  readonly ports: 'any' | readonly (number | readonly [number, number])[]
}

export type EndpointMatcher = (host: string, port: number) => boolean

const maxNameLength = 253
const dnsName = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?$/
const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ipv4 = new RegExp(String.raw`^${octet}(?:\.${octet}){3}$`)
const metadata = /^169\.254\.|^(?:metadata|instance-data)(?:\.|$)/

/**
 * Returns the matcher of a host and port. To allow, patterns cover plain DNS names and dotted IPv4
 * addresses, but never the addresses of cloud metadata: those must be spelled out. To deny, any
 * spelling is covered as far as it can be told without asking a name server.
 */
export function compileEndpoint(pattern: EndpointPattern, effect: Effect): EndpointMatcher {
  const { host, ports } = pattern
  return (name, port) =>
    matchesPort(ports, port) &&
    (effect === 'allow' ? allowsHost(host, name) : couldBeHost(host, name))
}

function matchesPort(ports: EndpointPattern['ports'], port: number): boolean {
  // Port 0 asks for any free port: no range means that.
  if (ports === 'any') return port > 0
  return ports.some((one) =>
    typeof one === 'number' ? one === port : one[0] <= port && port <= one[1],
  )
}

function allowsHost(pattern: EndpointPattern['host'], host: string): boolean {
  if (typeof pattern === 'string') return pattern === host
  const name = host.toLowerCase()
  if (name.length > maxNameLength || metadata.test(name)) return false
  if (!(dnsName.test(name) || ipv4.test(name))) return false
  return pattern.glob === undefined || covers(pattern.glob, name, '.')
}

function couldBeHost(pattern: EndpointPattern['host'], host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
  if (typeof pattern === 'string') return pattern.toLowerCase() === name
  return pattern.glob === undefined || covers(pattern.glob, name, '')
}

function covers(glob: string, name: string, separators: string): boolean {
  return matchesWildcard(glob.toLowerCase(), name, { separators, leadingDot: true })
}
