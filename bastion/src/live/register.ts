import type { LiveConnection, LiveRole } from './live-connection.ts'

/** The connections that are open now. */
export interface LiveRegister {
  /**
   * Adds a connection, which is ended at once when there is an objection to it. Returns what takes it off the register,
   * to be called when it is closed.
   */
  enter(connection: LiveConnection, role: LiveRole): () => void
  each(): readonly LiveConnection[]
  /** Ends those whose connection id or recording id is `id`, and returns them. */
  terminate(id: string, reason: string): readonly LiveConnection[]
  /** Ends every connection that there is an objection to, and returns them. */
  review(): readonly LiveConnection[]
  /** Judges anew what runs in all connections; returns how much was ended. */
  rejudge(): number
  /** Ends what runs anywhere under a grant that has ended; returns how much that was. */
  endGranted(grant: string, why: string): number
}

export interface LiveRegisterOptions {
  readonly onEnded: (connection: LiveConnection, reason: string) => void
}

interface Entry {
  readonly connection: LiveConnection
  readonly role: LiveRole
  /** Set when it is to end. */
  reason: string | undefined
}

export function createLiveRegister({ onEnded }: LiveRegisterOptions): LiveRegister {
  const entries = new Set<Entry>()
  /** What shares a connection id: an outer hop and what comes through it. */
  const groups = new Map<string, Set<Entry>>()

  const outerOf = (connection: LiveConnection): Entry | undefined => {
    const group = groups.get(connection.connectionId) ?? []
    return [...group].find((entry) => entry.connection.hop === 'outer')
  }
  /** An outer hop carries the last words of the others, so it goes after them. */
  const carries = ({ connection }: Entry): boolean => {
    return connection.hop === 'outer' && (groups.get(connection.connectionId)?.size ?? 0) > 1
  }
  const end = (entry: Entry, reason: string): boolean => {
    if (entry.reason !== undefined) return false
    entry.reason = reason
    onEnded(entry.connection, reason)
    if (!carries(entry)) entry.role.end(reason)
    return true
  }
  const leave = (entry: Entry): void => {
    const { connection } = entry
    if (!entries.delete(entry)) return
    const group = groups.get(connection.connectionId)
    group?.delete(entry)
    if (group?.size === 0) groups.delete(connection.connectionId)
    const outer = outerOf(connection)
    if (outer?.reason !== undefined && !carries(outer)) outer.role.end(outer.reason)
  }
  const object = (entry: Entry): boolean => {
    if (entry.reason !== undefined) return false
    const reason = entry.role.objection()
    return reason !== undefined && end(entry, reason)
  }

  return {
    enter(connection, role) {
      const entry: Entry = { connection, role, reason: undefined }
      const late = outerOf(connection)?.reason
      entries.add(entry)
      const group = groups.get(connection.connectionId)
      if (group === undefined) groups.set(connection.connectionId, new Set([entry]))
      else group.add(entry)
      if (late === undefined) object(entry)
      else end(entry, late)
      return () => leave(entry)
    },
    each: () => [...entries].map(({ connection }) => connection),
    terminate(id, reason) {
      const meant = [...entries].filter(({ connection }) => {
        return connection.connectionId === id || connection.recordingId === id
      })
      return meant.filter((entry) => end(entry, reason)).map(({ connection }) => connection)
    },
    review: () => [...entries].filter(object).map(({ connection }) => connection),
    endGranted(grant, why) {
      let ended = 0
      for (const { role } of entries) ended += role.endGranted(grant, why)
      return ended
    },
    rejudge() {
      let ended = 0
      for (const { role, reason } of entries) if (reason === undefined) ended += role.rejudge()
      return ended
    },
  }
}
