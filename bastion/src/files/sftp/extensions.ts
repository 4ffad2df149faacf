import { createReader } from '@sallyport/keys/wire'
import { packet, text, uint32, uint64 } from './packet.ts'
import { FXP, MAX_PACKET, VERSION } from './protocol.ts'

/** The extensions of OpenSSH that we can judge, with the one revision of each that we know. */
const judged: ReadonlyMap<string, string> = new Map([
  ['posix-rename@openssh.com', '1'],
  ['hardlink@openssh.com', '1'],
  ['fsync@openssh.com', '1'],
  ['lsetstat@openssh.com', '1'],
  ['limits@openssh.com', '1'],
  ['statvfs@openssh.com', '2'],
  ['fstatvfs@openssh.com', '2'],
  ['copy-data', '1'],
  ['users-groups-by-id@openssh.com', '1'],
])

/**
 * VERSION: byte type, uint32 version, then string name and string data for each extension. Returns the
 * names that both sides know, or undefined when it is another version.
 *
 * @throws {KeysError} for what is cut short.
 */
export function readVersion(bytes: Buffer): ReadonlySet<string> | undefined {
  const reader = createReader(bytes.subarray(1))
  if (reader.u32() !== VERSION) return undefined
  const offered = new Set<string>()
  while (reader.remaining > 0) {
    const name = reader.string().toString('latin1')
    if (reader.string().toString('latin1') === judged.get(name)) offered.add(name)
  }
  return offered
}

/** Returns the VERSION that an agent is told. */
export function versionPacket(offered: ReadonlySet<string>): Buffer {
  const pairs = [...offered].flatMap((name) => [text(name), text(judged.get(name) ?? '')])
  return packet(FXP.VERSION, uint32(VERSION), ...pairs)
}

/**
 * The answer to limits@openssh.com: uint64 packet, read, write and handles; 0 where nothing is said.
 * Returns it with no more than what passes here.
 *
 * @throws {KeysError} for what is cut short.
 */
export function limitsPacket(bytes: Buffer, handles: number): Buffer {
  const reader = createReader(bytes.subarray(5))
  const most = BigInt(MAX_PACKET)
  // The head of a read or written packet takes its part.
  const content = most - 1024n
  const limits = [most, content, content, BigInt(handles)].map((limit) => {
    const said = reader.u64()
    return said === 0n || said > limit ? limit : said
  })
  reader.end()
  return packet(FXP.EXTENDED_REPLY, bytes.subarray(1, 5), uint64(...limits))
}
