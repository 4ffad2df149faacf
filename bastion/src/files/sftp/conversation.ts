import type { Desk } from './desk.ts'
import type { Flight } from './flights.ts'
import { Framer } from './framer.ts'
import type { OpenFile } from './open-files.ts'
import { FXP } from './protocol.ts'

/** What follows from bytes of one side. The buffers may be views of those bytes. */
export interface Passage {
  readonly toTarget: readonly Buffer[]
  readonly toAgent: readonly Buffer[]
  /** Set when a side broke the protocol: nothing passes any more, and the channel must end. */
  readonly violation?: string
}

/** How much of our own answers may wait for the end of a packet of the target's. */
const MAX_WAITING = 1 << 20

/** What both directions of one channel have in common. */
export class Conversation {
  readonly desk: Desk
  readonly up: Framer = new Framer({ bulkType: FXP.WRITE, bulkHandle: true })
  readonly down: Framer = new Framer({ bulkType: FXP.DATA, bulkHandle: false })
  /** The requests that went to the target and are not answered yet. */
  readonly flights: Map<number, Flight> = new Map()
  phase: 'start' | 'version' | 'home' | 'running' = 'start'
  #violation: string | undefined
  #toTarget: Buffer[] = []
  #toAgent: Buffer[] = []
  /** Answers of ours that may not stand in the middle of a packet. */
  #waiting: Buffer[] = []
  #waitingBytes = 0

  constructor(desk: Desk) {
    this.desk = desk
  }

  get broken(): boolean {
    return this.#violation !== undefined
  }

  /** A side broke the protocol; the first reason stays. */
  fail(reason: string): void {
    this.#violation ??= reason
  }

  toTarget(bytes: Buffer): void {
    this.#toTarget.push(bytes)
  }

  /** Passes on what the target says. */
  toAgent(bytes: Buffer): void {
    this.#toAgent.push(bytes)
  }

  /** Answers the agent ourselves, between two packets of the target's. */
  answer(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (!this.down.inPayload) this.flush()
    else if (this.#waitingBytes > MAX_WAITING)
      this.fail('the agent asks faster than it can be answered')
  }

  /** A packet of the target's has ended. */
  flush(): void {
    this.#toAgent.push(...this.#waiting.splice(0))
    this.#waitingBytes = 0
  }

  /** Reports what passed under a handle that is closed, or never will be. */
  closed(file: OpenFile, ok: boolean): void {
    if (!ok || file.unanswered > 0) file.writing?.spoil()
    if (!ok) file.reading?.spoil()
    for (const transfer of [file.reading, file.writing])
      if (transfer !== undefined) this.desk.onOperation(transfer.finish(file.path))
  }

  /** Returns what is to be sent by now. */
  passage(): Passage {
    const passage = { toTarget: this.#toTarget, toAgent: this.#toAgent }
    this.#toTarget = []
    this.#toAgent = []
    return this.#violation === undefined ? passage : { ...passage, violation: this.#violation }
  }
}
