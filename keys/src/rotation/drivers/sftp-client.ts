import { createReader, createWriter, type WireReader } from '../../wire/index.ts'
import { PlaceError } from '../place.ts'
import type { ByteChannel } from './session.ts'

/** Types and statuses of draft-ietf-secsh-filexfer-02, version 3, as OpenSSH speaks it. */
export const SFTP = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  FSTAT: 8,
  FSETSTAT: 10,
  REMOVE: 13,
  REALPATH: 16,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
  EXTENDED: 200,
} as const
export const STATUS = { OK: 0, EOF: 1, NO_SUCH_FILE: 2 } as const

const MAX_PACKET = 256 << 10

/** What a target answered: a status, or what was asked for. */
export type Answer =
  | { readonly kind: 'status'; readonly code: number; readonly message: string }
  | { readonly kind: 'answer'; readonly type: number; readonly fields: WireReader }

/** Asks one thing after another of an sftp server. */
export interface SftpClient {
  /** The extensions that the server offers. */
  readonly extensions: ReadonlySet<string>
  ask(type: number, ...fields: readonly (string | Uint8Array)[]): Promise<Answer>
}

/** Begins the protocol; undefined when the other side does not speak it. */
export async function openSftpClient(channel: ByteChannel): Promise<SftpClient | undefined> {
  const next = packetsOf(channel)
  channel.write(packet(SFTP.INIT, createWriter().u32(3).bytes()))
  const version = await next()
  if (version?.[0] !== SFTP.VERSION) return undefined
  const reader = createReader(version.subarray(1))
  if (reader.u32() !== 3) return undefined
  const extensions = new Set<string>()
  while (reader.remaining > 0) {
    extensions.add(reader.text())
    reader.string()
  }
  let id = 0
  return {
    extensions,
    async ask(type, ...fields) {
      id += 1
      const head = createWriter().u32(id).bytes()
      channel.write(packet(type, head, ...fields.map(fieldOf)))
      const answered = await next()
      if (answered === undefined) throw lost()
      const body = createReader(answered.subarray(1))
      if (body.u32() !== id) throw lost()
      if (answered[0] !== SFTP.STATUS)
        return { kind: 'answer', type: answered[0] ?? 0, fields: body }
      return { kind: 'status', code: body.u32(), message: body.remaining > 0 ? body.text() : '' }
    },
  }
}

function fieldOf(field: string | Uint8Array): Uint8Array {
  return typeof field === 'string' ? createWriter().string(field).bytes() : field
}

/** Returns a packet: uint32 length, byte type, and the fields of the type. */
function packet(type: number, ...fields: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.of(type), ...fields])
  return createWriter().string(body).bytes()
}

function packetsOf(channel: ByteChannel): () => Promise<Buffer | undefined> {
  let held: Buffer = Buffer.alloc(0)
  return async () => {
    for (;;) {
      const length = held.length < 4 ? 0 : held.readUInt32BE(0)
      if (length > MAX_PACKET) throw lost()
      if (length > 0 && held.length >= 4 + length) {
        const whole = held.subarray(4, 4 + length)
        held = held.subarray(4 + length)
        return whole
      }
      const more = await channel.read()
      if (more === undefined) return undefined
      held = Buffer.concat([held, more])
    }
  }
}

function lost(): PlaceError {
  return new PlaceError('unreachable', 'the sftp server of the target stopped answering')
}
