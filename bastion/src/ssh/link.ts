import type { Socket } from 'node:net'

/**
 * The byte stream under a transport: a TCP connection, or a channel of another transport. Unlike a Node stream it keeps
 * no buffer of its own on the reading side, and a packet costs it no allocation.
 */
export interface Link {
  readonly remoteAddress: string
  /** Bytes accepted by `write` that have not left yet. */
  readonly writableLength: number
  write(bytes: Buffer): void
  /** Sends what is left, then ends. */
  end(): void
  destroy(): void
  pause(): void
  resume(): void
  /** Sets the one listener. `drain`: few or no bytes are left to write. `close`: called once, also after an error. */
  listen(listener: LinkListener): void
}

export interface LinkListener {
  data(bytes: Buffer): void
  drain(): void
  close(error?: Error): void
}

/** Returns the link of a TCP connection. The writes of one turn of the event loop leave in one system call. */
export function socketLink(socket: Socket): Link {
  let corked = false
  const uncork = (): void => {
    corked = false
    socket.uncork()
  }
  socket.setNoDelay(true)
  return {
    remoteAddress: socket.remoteAddress ?? '',
    get writableLength() {
      return socket.writableLength
    },
    write(bytes) {
      if (!socket.writable) return
      if (!corked) {
        corked = true
        socket.cork()
        setImmediate(uncork)
      }
      socket.write(bytes)
    },
    end() {
      socket.end()
    },
    destroy() {
      socket.destroy()
    },
    pause() {
      socket.pause()
    },
    resume() {
      socket.resume()
    },
    listen(listener) {
      let failure: Error | undefined
      socket.on('data', (bytes: Buffer) => listener.data(bytes))
      socket.on('drain', () => listener.drain())
      socket.on('error', (error) => {
        failure = error
      })
      // An agent that half-closes the TCP connection has nothing more to say in SSH either.
      socket.on('end', () => socket.end())
      socket.on('close', () => listener.close(failure))
    },
  }
}
