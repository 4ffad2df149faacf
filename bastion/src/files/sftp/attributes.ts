import type { WireReader } from '@sallyport/keys/wire'
import { uint32, uint64 } from './packet.ts'

const SIZE = 1
const UIDGID = 2
const PERMISSIONS = 4
const ACMODTIME = 8

/** What a request says about a file: the parts that are judged, and all of it printed anew. */
export interface Attributes {
  readonly size?: bigint
  readonly mode?: number
  readonly bytes: Buffer
}

/**
 * ATTRS, section 5: uint32 flags, then uint64 size, uint32 uid and gid, uint32 permissions, uint32 atime
 * and mtime, each where its flag is set. Returns undefined for other flags: what they mean is not known.
 */
export function readAttributes(reader: WireReader): Attributes | undefined {
  const flags = reader.u32()
  if ((flags & ~(SIZE | UIDGID | PERMISSIONS | ACMODTIME)) !== 0) return undefined
  const parts = [uint32(flags)]
  const size = (flags & SIZE) === 0 ? undefined : reader.u64()
  if (size !== undefined) parts.push(uint64(size))
  if ((flags & UIDGID) !== 0) parts.push(uint32(reader.u32(), reader.u32()))
  const permissions = (flags & PERMISSIONS) === 0 ? undefined : reader.u32()
  if (permissions !== undefined) parts.push(uint32(permissions))
  if ((flags & ACMODTIME) !== 0) parts.push(uint32(reader.u32(), reader.u32()))
  return {
    ...(size === undefined ? {} : { size }),
    // The bits above say what kind of file it is; a target ignores them here.
    ...(permissions === undefined ? {} : { mode: permissions & 0o7777 }),
    bytes: Buffer.concat(parts),
  }
}
