import { isIPv4, isIPv6 } from 'node:net'

const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * Returns whom requests from `address` are counted for: an IPv4 address, also one in IPv6 clothes, or an IPv6 network of
 * 64 bits, which is what one household or one machine has to itself.
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address
  const [plain = ''] = address.split('%', 1)
  if (!isIPv6(plain)) return 'unknown'
  // One way to write each address, with the longest run of zeros left out.
  const text = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const mapped = MAPPED.exec(text)
  if (mapped !== null) return dotted(mapped[1] ?? '', mapped[2] ?? '')
  return `${groupsOf(text).slice(0, 4).join(':')}::/64`
}

function groupsOf(text: string): readonly string[] {
  const [head = '', tail] = text.split('::')
  const before = head === '' ? [] : head.split(':')
  if (tail === undefined) return before
  const after = tail === '' ? [] : tail.split(':')
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
}

function dotted(high: string, low: string): string {
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join('.')
}
