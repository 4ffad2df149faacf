/** What is being recorded now, for those who want to see it while it grows. */
export interface LiveFeed {
  /** A channel's recording begins. */
  opened(recordingId: string, channel: number, begun: Begun): LiveSource
  /** Returns a channel that is being recorded, or undefined; `onChange` is called at each change of it. */
  watch(recordingId: string, channel: number, onChange: () => void): Watched | undefined
}

export interface Begun {
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly cols: number
  readonly rows: number
}

/** The recorder's end: to be told what happens. Costs next to nothing while nobody watches. */
export interface LiveSource {
  written(): void
  resized(cols: number, rows: number): void
  closed(): void
}

export interface Watched {
  readonly startedAt: number
  readonly size: { readonly cols: number; readonly rows: number }
  readonly isOpen: boolean
  /** How many channels its connection has had until now. */
  readonly channels: number
  stop(): void
}

interface Live {
  readonly startedAt: number
  size: { readonly cols: number; readonly rows: number }
  isOpen: boolean
  readonly watchers: Set<() => void>
}

interface Connection {
  readonly channels: Map<number, Live>
  count: number
}

export function createLiveFeed(): LiveFeed {
  const connections = new Map<string, Connection>()

  function tell({ watchers }: Live): void {
    for (const watcher of watchers) watcher()
  }

  return {
    opened(recordingId, channel, { startedAt, cols, rows }) {
      const connection = connections.get(recordingId) ?? { channels: new Map(), count: 0 }
      connections.set(recordingId, connection)
      const live: Live = { startedAt, size: { cols, rows }, isOpen: true, watchers: new Set() }
      connection.count += 1
      for (const other of connection.channels.values()) tell(other)
      connection.channels.set(channel, live)
      return {
        written: () => tell(live),
        resized(newCols, newRows) {
          live.size = { cols: newCols, rows: newRows }
        },
        closed() {
          live.isOpen = false
          connection.channels.delete(channel)
          if (connection.channels.size === 0) connections.delete(recordingId)
          tell(live)
        },
      }
    },
    watch(recordingId, channel, onChange) {
      const connection = connections.get(recordingId)
      const live = connection?.channels.get(channel)
      if (connection === undefined || live === undefined) return undefined
      live.watchers.add(onChange)
      return {
        startedAt: live.startedAt,
        get size() {
          return live.size
        },
        get isOpen() {
          return live.isOpen
        },
        get channels() {
          return connection.count
        },
        stop: () => void live.watchers.delete(onChange),
      }
    },
  }
}
