import { createReader } from '@sallyport/keys/wire'
import type { Leg, Reply } from './leg.ts'

/** CHANNEL_REQUEST: byte 98, uint32 recipient, string type, boolean want reply, then by type. */
export interface ChannelRequest {
  readonly type: string
  readonly body: Buffer
  readonly reply: Reply | undefined
}

/** Reads a request of the peer of `leg`, and notes that it is owed an answer, if it wants one. */
export function parseRequest(leg: Leg, payload: Buffer): ChannelRequest {
  const reader = createReader(payload)
  reader.u8()
  reader.u32()
  const type = reader.text()
  const wantReply = reader.bool()
  return {
    type,
    body: Buffer.from(reader.rest()),
    reply: wantReply ? leg.owe() : undefined,
  }
}

/** Answers a request with a failure, if an answer is wanted. */
export function fail(reply: Reply | undefined): void {
  reply?.to.settle(reply, false)
}

/** Answers a request with success, if an answer is wanted. */
export function succeed(reply: Reply | undefined): void {
  reply?.to.settle(reply, true)
}
