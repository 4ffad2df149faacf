/** An address in its one canonical spelling: dotted IPv4, or IPv6 as sixteen bytes in hexadecimal. */
export type Address =
  | { readonly kind: 'ipv4'; readonly text: string; readonly octets: readonly number[] }
  | { readonly kind: 'ipv6'; readonly text: string }

const limits = [0xffffffff, 0xffffff, 0xffff, 0xff]

/**
 * Returns the address that a text spells, in any form that programs take for one: `127.1`, `2130706433`,
 * `0x7f.1`, `0177.0.0.1`, `::ffff:7f00:1`, with brackets or a zone; undefined for a name.
 */
export function readAddress(host: string): Address | undefined {
  const bare = host.replace(/^\[(.*)\]$/s, '$1').replace(/%.*$/s, '')
  return bare.includes(':') ? readIPv6(bare) : readIPv4(bare.replace(/\.$/, ''))
}

function readIPv4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length > 4) return undefined
  const numbers = parts.map(readNumber)
  // The last number fills all the octets that are left.
  const last = numbers.pop() ?? NaN
  if (!(last <= (limits[numbers.length] ?? -1))) return undefined
  if (!numbers.every((number) => number <= 0xff)) return undefined
  const value = numbers.reduce((sum, number, at) => sum + number * 256 ** (3 - at), last)
  return ipv4([24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256))
}

function readNumber(text: string): number {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return Number.parseInt(text.slice(2), 16)
  if (/^0[0-7]{0,22}$/.test(text)) return Number.parseInt(text, 8)
  return /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : NaN
}

const dotted = /^(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}$/
const group = /^[0-9a-f]{1,4}$/i

function readIPv6(text: string): Address | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const left = groupsOf(head, tail === undefined)
  const right = groupsOf(tail ?? '', true)
  if (left === undefined || right === undefined) return undefined
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const zeros = Array.from({ length: missing }, () => '0')
  const hex = [...left, ...zeros, ...right].map((one) => one.padStart(4, '0')).join('')
  const all = hex.toLowerCase()
  return embeddedIPv4(all) ?? { kind: 'ipv6', text: all }
}

// The last groups may be written as a dotted IPv4 address.
function groupsOf(text: string, atEnd: boolean): readonly string[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  const last = groups.at(-1) ?? ''
  if (atEnd && dotted.test(last)) {
    const address = readIPv4(last)
    if (address?.kind !== 'ipv4') return undefined
    const [a = 0, b = 0, c = 0, d = 0] = address.octets
    groups.splice(-1, 1, (a * 256 + b).toString(16), (c * 256 + d).toString(16))
  }
  return groups.every((one) => group.test(one)) ? groups : undefined
}

// Mapped, translated (RFC 6052), compatible and 6to4 addresses reach the IPv4 host that they hold.
function embeddedIPv4(hex: string): Address | undefined {
  const held = /^(?:0{20}ffff|0{16}ffff0000|0064ff9b0{16})(.{8})$/.exec(hex)?.[1]
  const compatible = /^0{24}(?!0000000[01]$)(.{8})$/.exec(hex)?.[1]
  const sixToFour = /^2002(.{8})/.exec(hex)?.[1]
  const found = held ?? compatible ?? sixToFour
  if (found === undefined) return undefined
  return ipv4([0, 2, 4, 6].map((at) => Number.parseInt(found.slice(at, at + 2), 16)))
}

function ipv4(octets: readonly number[]): Address {
  return { kind: 'ipv4', text: octets.join('.'), octets }
}

const localName =
  /^(?:ip6-)?(?:localhost[46]?|loopback)(?:\.|$)|\.localhost\.?$|^(?:metadata|instance-data)(?:\.|$)/i

// Where clouds answer with credentials, outside the link-local block.
const metadata = new Set(['100.100.100.200', '192.0.0.192', '168.63.129.16'])
const metadata6 = 'fd000ec2000000000000000000000254'

/**
 * Returns whether a host is the target itself, an address of its own link, or a service that hands out
 * cloud credentials, as far as that can be told without asking a name server.
 */
export function isInward(host: string): boolean {
  if (host === '' || host === '*' || localName.test(host)) return true
  const address = readAddress(host)
  if (address === undefined) return false
  if (address.kind === 'ipv6')
    return /^0{31}[01]$|^fe[89ab]/.test(address.text) || address.text === metadata6
  const [first = 0, second = 0] = address.octets
  return (
    first === 0 || first === 127 || (first === 169 && second === 254) || metadata.has(address.text)
  )
}
