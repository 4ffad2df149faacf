import { createReader } from '@sallyport/keys/wire'
import type { Conversation } from './conversation.ts'
import { noFile, type Outcome, pass, refuse } from './desk.ts'
import type { Piece } from './framer.ts'
import { notWriting } from './handle-requests.ts'
import type { OpenFile } from './open-files.ts'
import { packet, status, text, uint32, uint64 } from './packet.ts'
import { tooLarge } from './path-requests.ts'
import { FX, FXP, VERSION } from './protocol.ts'
import { judgeRequest } from './requests.ts'

/** Takes the pieces of the agent's direction. */
export class AgentSide {
  readonly #conversation: Conversation
  /** Who takes the content that is passing; nobody when its request was refused. */
  #file: OpenFile | undefined

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  take(piece: Piece): void {
    switch (piece.kind) {
      case 'packet':
        return this.#packet(piece.bytes)
      case 'head':
        return this.#write(piece.bytes, piece.payload)
      case 'payload':
        if (this.#file === undefined) return
        this.#file.writing?.add(piece.bytes)
        return this.#conversation.toTarget(piece.bytes)
      case 'broken':
        return this.#conversation.fail(`the agent sent ${piece.reason}`)
    }
  }

  #packet(bytes: Buffer): void {
    const type = bytes.readUInt8(0)
    if (this.#conversation.phase === 'start') return this.#init(type, bytes)
    if (bytes.length < 5)
      return this.#conversation.fail('the agent sent a request without a number')
    const id = bytes.readUInt32BE(1)
    const refused = this.#admit(id)
    if (this.#conversation.broken) return
    this.#conclude(
      id,
      refused ?? judgeRequest(this.#conversation.desk, type, id, bytes.subarray(5)),
    )
  }

  /** INIT: byte type, uint32 version, extensions; what it offers is for us alone. */
  #init(type: number, bytes: Buffer): void {
    if (type !== FXP.INIT || bytes.length < 5 || bytes.readUInt32BE(1) < VERSION)
      return this.#conversation.fail(`the agent does not begin with version ${VERSION}`)
    this.#conversation.phase = 'version'
    this.#conversation.toTarget(packet(FXP.INIT, uint32(VERSION)))
  }

  /** Checks that a request may come now. Of two with one number neither could be answered. */
  #admit(id: number): Outcome | undefined {
    const { phase, desk } = this.#conversation
    if (phase !== 'running')
      this.#conversation.fail('the agent sent a request before the version was agreed')
    else if (this.#conversation.isAsked(id))
      this.#conversation.fail('the agent used the number of a request twice')
    else if (this.#conversation.unanswered >= desk.limits.requests)
      return refuse(FX.FAILURE, 'too many requests are not answered yet')
    return undefined
  }

  #conclude(id: number, outcome: Outcome): void {
    if (outcome.kind === 'refuse')
      return this.#conversation.answer(id, status(id, outcome.code, outcome.message))
    this.#conversation.depart(id, outcome.flight)
    this.#conversation.toTarget(outcome.packet)
  }

  /** WRITE: byte type, uint32 id, string handle, uint64 offset, string content. */
  #write(head: Buffer, payload: number): void {
    this.#file = undefined
    const id = head.readUInt32BE(1)
    const refused = this.#admit(id)
    if (this.#conversation.broken) return
    const outcome = refused ?? this.#judgeWrite(head, payload)
    this.#conclude(id, outcome)
    if (outcome.kind === 'pass' && outcome.flight.kind === 'write') this.#file = outcome.flight.file
  }

  #judgeWrite(head: Buffer, payload: number): Outcome {
    const reader = createReader(head.subarray(5))
    const handle = reader.string()
    const offset = reader.u64()
    if (reader.u32() !== payload) return refuse(FX.BAD_MESSAGE, 'the request is malformed')
    const file = this.#conversation.desk.files.get(handle)
    if (file === undefined) return noFile
    if (!file.mayWrite || file.writing === undefined) return notWriting
    const { maxBytes, writing } = file
    const end = offset + BigInt(payload)
    if (maxBytes !== undefined && (writing.bytes + payload > maxBytes || end > BigInt(maxBytes)))
      return tooLarge(writing.rule, maxBytes)
    writing.begin(offset)
    file.unanswered += 1
    const fields = [head.subarray(1, 5), text(handle), uint64(offset), uint32(payload)]
    const printed = packet(FXP.WRITE, ...fields)
    // The content follows by itself, and belongs to the packet.
    printed.writeUInt32BE(printed.length - 4 + payload, 0)
    return pass(printed, { kind: 'write', file })
  }
}
