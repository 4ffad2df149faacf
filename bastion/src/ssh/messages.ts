/** Message numbers (RFC 4250 section 4.1) and the few shapes that we read and write ourselves. */
export const MSG = {
  DISCONNECT: 1,
  SERVICE_REQUEST: 5,
  SERVICE_ACCEPT: 6,
  EXT_INFO: 7,
  KEXINIT: 20,
  USERAUTH_REQUEST: 50,
  USERAUTH_FAILURE: 51,
  USERAUTH_SUCCESS: 52,
  USERAUTH_BANNER: 53,
  USERAUTH_PK_OK: 60,
  GLOBAL_REQUEST: 80,
  REQUEST_SUCCESS: 81,
  REQUEST_FAILURE: 82,
  CHANNEL_OPEN: 90,
  CHANNEL_OPEN_CONFIRMATION: 91,
  CHANNEL_OPEN_FAILURE: 92,
  CHANNEL_WINDOW_ADJUST: 93,
  CHANNEL_DATA: 94,
  CHANNEL_EXTENDED_DATA: 95,
  CHANNEL_EOF: 96,
  CHANNEL_CLOSE: 97,
  CHANNEL_REQUEST: 98,
  CHANNEL_SUCCESS: 99,
  CHANNEL_FAILURE: 100,
} as const

/** RFC 4253 section 11.1. */
export const DISCONNECT = {
  PROTOCOL_ERROR: 2,
  SERVICE_NOT_AVAILABLE: 7,
  CONNECTION_LOST: 10,
  BY_APPLICATION: 11,
  TOO_MANY_CONNECTIONS: 12,
  NO_MORE_AUTH_METHODS: 14,
} as const

/** RFC 4254 section 5.1. */
export const OPEN_FAILURE = {
  ADMINISTRATIVELY_PROHIBITED: 1,
  CONNECT_FAILED: 2,
  UNKNOWN_CHANNEL_TYPE: 3,
  RESOURCE_SHORTAGE: 4,
} as const

/**
 * The smallest maximum packet that we serve. RFC 4254 section 5.1 has none; a peer that takes a few bytes at a time would
 * make millions of packets of one window.
 */
export const MIN_PACKET = 1024

/** RFC 4254 section 5.2: the only data type code that is defined. */
export const EXTENDED_DATA_STDERR = 1

/** Returns `values` as uint32s, one after the other. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index))
  return bytes
}

/** Returns `value` as an SSH string: its length, then its bytes. */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([uint32(bytes.length), bytes])
}

export function message(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(type), ...parts])
}

/** Overwrites the uint32 at `offset`; used to re-address a packet in place instead of copying it. */
export function writeUint32(bytes: Buffer, value: number, offset: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

export function disconnectMessage(reason: number, description: string): Buffer {
  return message(MSG.DISCONNECT, uint32(reason), sshString(description), sshString(''))
}

export function openFailure(recipient: number, reason: number, description: string): Buffer {
  return message(
    MSG.CHANNEL_OPEN_FAILURE,
    uint32(recipient, reason),
    sshString(description),
    sshString(''),
  )
}

/** A channel request (RFC 4254 section 5.4); `recipient` may be rewritten later, at offset 1. */
export function channelRequest(
  recipient: number,
  type: string,
  wantReply: boolean,
  body: Uint8Array = Buffer.alloc(0),
): Buffer {
  return message(
    MSG.CHANNEL_REQUEST,
    uint32(recipient),
    sshString(type),
    Buffer.of(wantReply ? 1 : 0),
    body,
  )
}
