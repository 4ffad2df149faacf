import { isIPv4, isIPv6 } from 'node:net'

/** A block of addresses. `bits` is 32 or 128, and no bit of `base` lies outside the prefix. */
export interface AddressBlock {
  readonly bits: 32 | 128
  readonly base: bigint
  readonly prefix: number
}

interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

/**
 * Returns the blocks of a source-address list: addresses and CIDR blocks with commas between.
 * Undefined when any entry is malformed, a block has bits set beyond its prefix, or nothing is
 * listed: half a list must not decide.
 */
export function parseSourceAddresses(list: string): readonly AddressBlock[] | undefined {
  const blocks: AddressBlock[] = []
  for (const entry of list.split(',')) {
    const block = parseBlock(entry)
    if (block === undefined) return undefined
    blocks.push(block)
  }
  return blocks
}

/** True when the address is one, and lies in one of the blocks. */
export function isAddressIn(address: string, blocks: readonly AddressBlock[]): boolean {
  const found = parseAddress(address)
  if (found === undefined) return false
  const { bits, value } = unmapped(found)
  return blocks.some((block) => {
    const shift = BigInt(block.bits - block.prefix)
    return block.bits === bits && value >> shift === block.base >> shift
  })
}

function parseBlock(entry: string): AddressBlock | undefined {
  const [text = '', length, ...more] = entry.split('/')
  const address = parseAddress(text)
  if (address === undefined || more.length > 0) return undefined
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  const prefix = length === undefined ? address.bits : Number(length)
  if (prefix > address.bits) return undefined
  const outside = BigInt(address.bits - prefix)
  if ((address.value >> outside) << outside !== address.value) return undefined
  // A mapped base has its last 1 bit at 32, so the check above left no prefix shorter than 96.
  const { bits, value: base } = unmapped(address)
  return { bits, base, prefix: prefix - (address.bits - bits) }
}

function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { bits: 32, value: parseV4(text) }
  // A zone (%eth0) belongs to one machine's view and cannot be compared.
  if (isIPv6(text) && !text.includes('%')) return { bits: 128, value: parseV6(text) }
  return undefined
}

/** ::ffff:a.b.c.d is how a dual-stack socket shows a.b.c.d: both are compared as the latter. */
function unmapped(address: Address): Address {
  if (address.bits === 128 && address.value >> 32n === 0xffffn) {
    return { bits: 32, value: address.value & 0xffff_ffffn }
  }
  return address
}

function parseV4(text: string): bigint {
  return text.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)
}

/** `text` is known to be well-formed: at most one "::", at most eight groups. */
function parseV6(text: string): bigint {
  const [head = [], tail] = text.split('::').map(parseGroups)
  if (tail === undefined) return join(head)
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0n)
  return join([...head, ...zeros, ...tail])
}

function parseGroups(text: string): bigint[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)]
    const value = parseV4(group)
    return [value >> 16n, value & 0xffffn]
  })
}

function join(groups: readonly bigint[]): bigint {
  let value = 0n
  for (const group of groups) value = (value << 16n) | group
  return value
}
