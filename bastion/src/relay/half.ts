import { heldSlabs } from '../ssh/slab.ts'
import type { Leg } from './leg.ts'

/** What a half may hold at most, and so what a sender may have on its way: OpenSSH's own channel window. */
export const HALF_CAP: number = 2 << 20
export const MAX_PACKET: number = 32 << 10
/** A window grant smaller than this is not worth a packet, unless the sender has little left. */
const MIN_GRANT = 32 << 10
/** Packets that are smaller wait together, since each that waits alone costs more than its bytes. */
const JOINED = 4 << 10
/** What waits in one half beyond its bytes: requests, and packets that cannot wait together. */
const MAX_ENTRIES = 16_384

interface DataEntry {
  readonly kind: 'data'
  readonly dataType: number
  bytes: Buffer
  /** Memory right behind the bytes that more of them may take. */
  room: Buffer
  /** Written by us, not by the source: it takes window from the reserve and is not counted as queued. */
  readonly own: boolean
  mark: number
}

interface ControlEntry {
  readonly kind: 'control'
  readonly run: () => void
  readonly mark: number
}

type Entry = DataEntry | ControlEntry

const none: Buffer = Buffer.alloc(0)

/**
 * One direction of a channel: bytes and the control messages between them go from `source` to `sink` in order. It owns
 * both windows, so that it may hold, drop and add. Its invariant:
 *
 *     credit + queued + reserve <= window   and   credit + queued <= cap
 *
 * `window` is what the sink accepts, `credit` what the source may still send, `queued` what came and has not left,
 * `reserve` what is kept for our own words. Nothing can then be sent to us that we could not pass on, and a half that
 * holds back stalls its own channel and no other.
 *
 * Each entry carries a mark, the number of the recording batch it belongs to; it leaves once `released` has reached it.
 */
export class Half {
  readonly source: Leg
  readonly sink: Leg
  window = 0
  maxPacket: number = MAX_PACKET
  credit = 0
  queued = 0
  reserve = 0
  cap: number
  /** While set, nothing leaves: the start of the channel is not decided yet. */
  blocked = false
  #released = 0
  #entries: Entry[] = []
  #head = 0
  /** Set when the sink takes no more bytes. */
  #deaf = false
  #finished = false

  constructor(source: Leg, sink: Leg, cap: number = HALF_CAP) {
    this.source = source
    this.sink = sink
    this.cap = cap
  }

  get empty(): boolean {
    return this.#head === this.#entries.length
  }

  /** True when so much waits that its source should not be served any more. */
  get crowded(): boolean {
    return this.#entries.length - this.#head > MAX_ENTRIES
  }

  /** Takes `size` bytes from the source's credit; false when it sent more than it was granted. */
  take(size: number): boolean {
    if (size > this.credit) return false
    this.credit -= size
    return true
  }

  /** The sink's window grew. */
  widen(amount: number): void {
    this.window = Math.min(this.window + amount, 0xffffffff)
    this.pump()
    this.grant()
  }

  /** Everything up to `mark` is in the recording. */
  release(mark: number): void {
    if (mark <= this.#released) return
    this.#released = mark
    this.pump()
  }

  /** Passes on bytes of the source; they are copied when they cannot leave at once. */
  data(dataType: number, bytes: Buffer, mark: number): void {
    if (this.#finished || this.#deaf) return
    if (this.empty && mark <= this.#released && this.#open && bytes.length <= this.#space) {
      this.window -= bytes.length
      this.sink.sendData(dataType, bytes)
      return this.grant()
    }
    this.queued += bytes.length
    if (!this.#join(dataType, bytes, mark)) {
      const held = heldSlabs.take(bytes.length)
      held.set(bytes)
      this.#entries.push({ kind: 'data', dataType, bytes: held, room: none, own: false, mark })
    }
    this.pump()
  }

  /** Sends words of our own; they wait behind what is queued. */
  notice(dataType: number, bytes: Buffer, mark: number): void {
    if (this.#finished || this.#deaf) return
    this.#entries.push({ kind: 'data', dataType, bytes, room: none, own: true, mark })
    this.pump()
  }

  /** Runs `run` once everything before it has left. */
  control(run: () => void, mark = 0): void {
    if (this.#finished) return
    if (this.empty && mark <= this.#released && this.#open) return run()
    this.#entries.push({ kind: 'control', run, mark })
    this.pump()
  }

  /** Sends what may leave, in order. */
  pump(): void {
    const before = this.queued
    while (this.#open) {
      const entry = this.#entries[this.#head]
      if (entry === undefined || entry.mark > this.#released) break
      if (entry.kind === 'data' && !this.#sendWhole(entry)) break
      this.#head += 1
      if (entry.kind === 'control') entry.run()
    }
    if (this.#head > 256 || (this.#head > 0 && this.empty)) {
      this.#entries = this.empty ? [] : this.#entries.slice(this.#head)
      this.#head = 0
    }
    if (this.queued < before) this.grant()
  }

  /** Lets the source send more, where both the sink's window and the cap allow it. */
  grant(): void {
    if (this.blocked || this.#deaf || this.#finished || !this.source.mayReceive) return
    const room =
      Math.min(this.cap - this.queued, this.window - this.reserve - this.queued) - this.credit
    if (room <= 0) return
    const enough = room >= MIN_GRANT || (this.credit < this.cap / 2 && room >= this.credit / 8)
    if (!enough) return
    this.credit += room
    this.source.sendWindowAdjust(room)
  }

  /** Forgets the bytes that are queued and swallows later ones; control messages still pass. */
  dropData(): void {
    const controls: Entry[] = []
    for (const entry of this.#entries.splice(0).slice(this.#head)) {
      if (entry.kind === 'control') controls.push(entry)
      else if (!entry.own) heldSlabs.give(entry.bytes)
    }
    this.#entries = controls
    this.#head = 0
    this.queued = 0
    this.#deaf = true
    this.pump()
  }

  /** Returns copies of the bytes that wait, and forgets all that waits. */
  takeWaiting(): readonly Buffer[] {
    const waiting: Buffer[] = []
    for (const entry of this.#entries.splice(0).slice(this.#head)) {
      if (entry.kind === 'control') continue
      waiting.push(Buffer.from(entry.bytes))
      if (!entry.own) heldSlabs.give(entry.bytes)
    }
    this.#head = 0
    this.queued = 0
    return waiting
  }

  /** Forgets all that is queued; nothing passes any more. */
  drop(): void {
    for (const entry of this.#entries.slice(this.#head)) {
      if (entry.kind === 'data' && !entry.own) heldSlabs.give(entry.bytes)
    }
    this.#entries = []
    this.#head = 0
    this.queued = 0
    this.#finished = true
  }

  /** Adds bytes to the last entry, where that one does not wait for the recording any more. */
  #join(dataType: number, bytes: Buffer, mark: number): boolean {
    const last = this.empty ? undefined : this.#entries.at(-1)
    if (last?.kind !== 'data' || last.own || last.dataType !== dataType) return false
    if (last.mark > this.#released && last.mark !== mark) return false
    const size = last.bytes.length + bytes.length
    if (size > JOINED) return false
    if (last.room.length < bytes.length) {
      const grown = heldSlabs.take(Math.min(2 * size, JOINED))
      grown.set(last.bytes)
      heldSlabs.give(last.bytes)
      last.room = grown.subarray(last.bytes.length)
      last.bytes = grown
    }
    last.room.set(bytes)
    last.room = last.room.subarray(bytes.length)
    last.bytes = Buffer.from(last.bytes.buffer, last.bytes.byteOffset, size)
    last.mark = mark
    return true
  }

  get #open(): boolean {
    return !this.blocked && this.sink.state === 'open'
  }

  /** What the source may still use of the window; nothing, once nobody takes its bytes any more. */
  get #promised(): number {
    return this.source.discarding ? 0 : this.credit + this.queued
  }

  get #space(): number {
    return Math.min(this.window, this.maxPacket)
  }

  #sendWhole(entry: DataEntry): boolean {
    while (entry.bytes.length > 0) {
      const window = entry.own ? this.window - this.#promised : this.window
      const size = Math.min(entry.bytes.length, window, this.maxPacket)
      if (size <= 0) return false
      this.sink.sendData(entry.dataType, entry.bytes.subarray(0, size))
      entry.bytes = entry.bytes.subarray(size)
      this.window -= size
      if (!entry.own) this.queued -= size
    }
    if (!entry.own) heldSlabs.give(entry.bytes)
    return true
  }
}
