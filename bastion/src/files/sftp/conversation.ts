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
  phase: 'start' | 'version' | 'home' | 'running' = 'start'
  #violation: string | undefined
  #toTarget: Buffer[] = []
  #toAgent: Buffer[] = []
  /** The requests that went to the target and are not answered yet, oldest first. */
  readonly #flights = new Map<number, { readonly flight: Flight; readonly place: number }>()
  #places = 0
  /** Answers of ours whose turn has not come, oldest first. */
  #waiting: { readonly id: number; readonly place: number; readonly bytes: Buffer }[] = []
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

  /** Requests that neither side has answered. */
  get unanswered(): number {
    return this.#flights.size + this.#waiting.length
  }

  /** Whether a request of this number is not answered yet. */
  isAsked(id: number): boolean {
    return this.#flights.has(id) || this.#waiting.some((one) => one.id === id)
  }

  /** A request goes to the target. */
  depart(id: number, flight: Flight): void {
    this.#flights.set(id, { flight, place: this.#places })
    this.#places += 1
  }

  /** Returns the request of a number that the target has not answered yet. */
  flight(id: number): Flight | undefined {
    return this.#flights.get(id)?.flight
  }

  /** The target answered a request. */
  arrive(id: number): void {
    this.#flights.delete(id)
  }

  /**
   * Answers the agent ourselves, in the place of the request: behind the answers to all before it, since
   * a client may go by the last one alone, and never inside a packet of the target's.
   */
  answer(id: number, bytes: Buffer): void {
    this.#waiting.push({ id, place: this.#places, bytes })
    this.#places += 1
    this.#waitingBytes += bytes.length
    this.flush()
    if (this.#waitingBytes > MAX_WAITING) this.fail('the agent asks faster than it is answered')
  }

  /** Sends the answers of ours whose turn has come. */
  flush(): void {
    if (this.down.inPayload || this.#waiting.length === 0) return
    const [oldest] = this.#flights.values()
    const ready = this.#waiting.findIndex(({ place }) => place > (oldest?.place ?? Infinity))
    for (const { bytes } of this.#waiting.splice(0, ready < 0 ? this.#waiting.length : ready)) {
      this.#toAgent.push(bytes)
      this.#waitingBytes -= bytes.length
    }
  }

  /** The channel ended: returns the requests that nobody will answer. */
  drain(): readonly Flight[] {
    const flights = [...this.#flights.values()].map(({ flight }) => flight)
    this.#flights.clear()
    return flights
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
