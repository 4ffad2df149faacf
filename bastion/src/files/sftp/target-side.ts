import { createReader, KeysError } from '@sallyport/keys/wire'
import type { Conversation } from './conversation.ts'
import { limitsPacket, readVersion, versionPacket } from './extensions.ts'
import { answerOf, type Flight } from './flights.ts'
import type { Piece } from './framer.ts'
import type { OpenFile } from './open-files.ts'
import { framed, packet, text, uint32 } from './packet.ts'
import { resolvePath } from './path.ts'
import { FX, FXP, MAX_HANDLE_BYTES, VERSION } from './protocol.ts'

/** Takes the pieces of the target's direction. */
export class TargetSide {
  readonly #conversation: Conversation
  /** The file whose content is passing. */
  #file: OpenFile | undefined

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  take(piece: Piece): void {
    try {
      this.#piece(piece)
    } catch (error) {
      if (!(error instanceof KeysError)) throw error
      this.#conversation.fail('the target sent a malformed answer')
    }
    this.#conversation.flush()
  }

  #piece(piece: Piece): void {
    switch (piece.kind) {
      case 'packet':
        return this.#packet(piece.bytes)
      case 'head':
        return this.#content(piece.bytes, piece.payload)
      case 'payload':
        this.#file?.reading?.add(piece.bytes)
        return this.#conversation.toAgent(piece.bytes)
      case 'broken':
        return this.#conversation.fail(`the target sent ${piece.reason}`)
    }
  }

  #packet(bytes: Buffer): void {
    const type = bytes.readUInt8(0)
    if (this.#conversation.phase === 'version') return this.#version(type, bytes)
    const flight = this.#flightOf(type, bytes)
    if (flight === undefined) return
    if (flight.kind === 'home') return this.#begin(type, bytes)
    const passed = this.#settle(flight, type, bytes)
    if (!this.#conversation.broken) this.#conversation.toAgent(passed)
  }

  /** Keeps what an answer means to us, and returns what the agent gets of it. */
  #settle(flight: Flight, type: number, bytes: Buffer): Buffer {
    const failed = type === FXP.STATUS && createReader(bytes.subarray(5)).u32() !== FX.OK
    switch (flight.kind) {
      case 'open':
        this.#opened(flight.file, type, bytes)
        break
      case 'write':
        flight.file.unanswered -= 1
        if (failed) flight.file.writing?.spoil()
        break
      case 'close':
        this.#conversation.closed(flight.file, !failed)
        break
      case 'limits':
        if (type === FXP.STATUS) break
        return limitsPacket(bytes, this.#conversation.desk.limits.handles)
      case 'status':
      case 'name':
      case 'attributes':
      case 'extended':
      case 'read':
      case 'home':
        break
    }
    return framed(bytes)
  }

  #version(type: number, bytes: Buffer): void {
    const offered = type === FXP.VERSION ? readVersion(bytes) : undefined
    if (offered === undefined)
      return this.#conversation.fail(`the target does not speak version ${VERSION}`)
    this.#conversation.desk.offered = offered
    this.#conversation.phase = 'home'
    this.#conversation.depart(0, { kind: 'home' })
    this.#conversation.toTarget(packet(FXP.REALPATH, uint32(0), text('.')))
  }

  /** NAME: uint32 id, uint32 count, string name, and more. Without one, relative paths are refused. */
  #begin(type: number, bytes: Buffer): void {
    const { desk } = this.#conversation
    if (type === FXP.NAME) {
      const reader = createReader(bytes.subarray(5))
      const home = reader.u32() > 0 ? resolvePath(reader.string(), undefined) : undefined
      if (home?.kind === 'path') desk.home = home.path
    }
    this.#conversation.phase = 'running'
    this.#conversation.toAgent(versionPacket(desk.offered))
  }

  /** HANDLE: uint32 id, string handle. */
  #opened(file: OpenFile, type: number, bytes: Buffer): void {
    const { files } = this.#conversation.desk
    if (type === FXP.STATUS) {
      files.settle(file, undefined)
      return
    }
    const reader = createReader(bytes.subarray(5))
    const handle = reader.string()
    reader.end()
    if (handle.length > MAX_HANDLE_BYTES)
      return this.#conversation.fail('the target sent too long a handle')
    if (!files.settle(file, handle))
      this.#conversation.fail('the target gave two open files one handle')
  }

  /** DATA: byte type, uint32 id, string content. */
  #content(head: Buffer, payload: number): void {
    this.#file = undefined
    const flight = this.#flightOf(FXP.DATA, head)
    if (flight?.kind !== 'read') return
    if (head.readUInt32BE(5) !== payload || payload > flight.length)
      return this.#conversation.fail('the target sent more content than was asked for')
    flight.file.reading?.begin(flight.offset)
    this.#file = flight.file
    const printed = framed(head)
    printed.writeUInt32BE(head.length + payload, 0)
    this.#conversation.toAgent(printed)
  }

  /** Returns the request that an answer belongs to, if it is an answer to it. */
  #flightOf(type: number, bytes: Buffer): Flight | undefined {
    if (bytes.length < 5) {
      this.#conversation.fail('the target sent an answer without a number')
      return undefined
    }
    const id = bytes.readUInt32BE(1)
    const flight = this.#conversation.flight(id)
    if (flight === undefined) this.#conversation.fail('the target answered what was not asked')
    else if (type !== FXP.STATUS && type !== answerOf(flight))
      this.#conversation.fail('the target answered something else than was asked')
    else this.#conversation.arrive(id)
    return this.#conversation.broken ? undefined : flight
  }
}
