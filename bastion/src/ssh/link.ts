import { connect, Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net'
import { packetSlabs } from './slab.ts'
import { atEndOfTurn, beginTurn, endTurn } from './turn.ts'

/**
 * The byte stream under a transport: a TCP connection, or a channel of another transport. Unlike a Node stream it keeps
 * no buffer of its own on the reading side, and a packet costs it no allocation.
 */
export interface Link {
  readonly remoteAddress: string
  /** Bytes accepted by `write` that have not left yet. */
  readonly writableLength: number
  /** Takes over a packet of `packetSlabs`, and gives it back when it has left. */
  write(bytes: Buffer): void
  /** Sends what is left, then ends. */
  end(): void
  destroy(): void
  pause(): void
  resume(): void
  /** Sets the one listener. */
  listen(listener: LinkListener): void
}

export interface LinkListener {
  /** The bytes are the listener's for the time of the call; then they may be written over. */
  data(bytes: Buffer): void
  /** Few or no bytes are left to write. */
  drain(): void
  /** Called once, also after an error. */
  close(error?: Error): void
}

/** Bytes that one connection may bring before others have their turn. */
const FAIR_SHARE = 512 << 10

/** Reads of fewer bytes do not count towards the share. */
const BULK_READ = 16 << 10

/** Milliseconds of silence after which the kernel asks whether the peer is still there. */
const KEEPALIVE = 60_000

/** What all connections are read into: the bytes are dealt with before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 << 10)

/**
 * Takes over a connection that a server has accepted with `pauseOnConnect`, and returns its link and the socket that it
 * is now. Node reads accepted connections into ever new buffers, and has an option against that only for a socket that
 * one makes oneself; so this makes one around what the accepted socket holds. Where that cannot be had, the accepted
 * socket stays.
 */
export function acceptLink(accepted: Socket): { link: Link; socket: Socket } {
  const handle: unknown = Reflect.get(accepted, '_handle')
  if (typeof handle !== 'object' || handle === null) {
    const link = new SocketLink(accepted)
    accepted.on('data', (bytes: Buffer) => link.received(bytes))
    return { link, socket: accepted }
  }
  Reflect.set(accepted, '_handle', null)
  // Without its handle this closes nothing; it takes the connection off the server's books.
  accepted.destroy()
  const options: SocketConstructorOpts & { readonly handle: unknown } = {
    handle,
    allowHalfOpen: true,
    onread: intoSharedBuffer((bytes) => link.received(bytes)),
  }
  const socket = new Socket(options)
  const link = new SocketLink(socket)
  return { link, socket }
}

/** Connects, and returns the link and its socket; it is for the caller to wait for `connect` and to set a deadline. */
export function connectLink(host: string, port: number): { link: Link; socket: Socket } {
  const onread = intoSharedBuffer((bytes) => link.received(bytes))
  const socket = connect({ host, port, noDelay: true, onread })
  const link = new SocketLink(socket)
  return { link, socket }
}

function intoSharedBuffer(received: (bytes: Buffer) => void): OnReadOpts {
  return {
    buffer: READ_BUFFER,
    callback: (size) => {
      received(READ_BUFFER.subarray(0, size))
      return true
    },
  }
}

/** The packets of one turn of the event loop leave in one system call: most lie side by side, and go as one range. */
class SocketLink implements Link {
  readonly remoteAddress: string
  readonly #socket: Socket
  #listener: LinkListener | undefined
  #range: Buffer | undefined
  #packets = 0
  #scheduled = false
  #paused = false
  #share = 0
  #resting = false

  constructor(socket: Socket) {
    this.#socket = socket
    this.remoteAddress = socket.remoteAddress ?? ''
    socket.setNoDelay(true)
    // A peer that vanished without a word is noticed by the kernel.
    socket.setKeepAlive(true, KEEPALIVE)
  }

  get writableLength(): number {
    return this.#socket.writableLength + (this.#range?.length ?? 0)
  }

  write(bytes: Buffer): void {
    const range = this.#range
    if (range === undefined) this.#range = bytes
    else if (adjacent(range, bytes)) {
      this.#range = Buffer.from(range.buffer, range.byteOffset, range.length + bytes.length)
    } else {
      this.#send()
      this.#range = bytes
    }
    this.#packets += 1
    if (this.#scheduled) return
    this.#scheduled = true
    atEndOfTurn(this.#sendAll)
  }

  end(): void {
    this.#send()
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    if (!this.#resting) this.#socket.resume()
  }

  listen(listener: LinkListener): void {
    this.#listener = listener
    const socket = this.#socket
    let failure: Error | undefined
    socket.on('drain', () => listener.drain())
    socket.on('error', (error) => {
      failure = error
    })
    // A peer that half-closes the TCP connection has nothing more to say in SSH either.
    socket.on('end', () => socket.end())
    socket.on('close', () => listener.close(failure))
  }

  /** Bytes were read. A connection that brings many rests for a moment, or a bulk transfer would hold up all others. */
  received(bytes: Buffer): void {
    beginTurn()
    try {
      this.#listener?.data(bytes)
    } finally {
      endTurn()
    }
    // What somebody types is no bulk: it costs no turn of the event loop.
    if (bytes.length < BULK_READ) return
    if (this.#share === 0) setImmediate(this.#newShare)
    this.#share += bytes.length
    if (this.#share < FAIR_SHARE || this.#resting) return
    this.#resting = true
    this.#socket.pause()
  }

  readonly #newShare = (): void => {
    this.#share = 0
    if (!this.#resting) return
    this.#resting = false
    if (!this.#paused) this.#socket.resume()
  }

  readonly #sendAll = (): void => {
    this.#scheduled = false
    this.#send()
  }

  #send(): void {
    const range = this.#range
    if (range === undefined) return
    const packets = this.#packets
    this.#range = undefined
    this.#packets = 0
    if (!this.#socket.writable) return packetSlabs.give(range, packets)
    this.#socket.write(range, () => packetSlabs.give(range, packets))
  }
}

function adjacent(range: Buffer, bytes: Buffer): boolean {
  return range.buffer === bytes.buffer && range.byteOffset + range.length === bytes.byteOffset
}
