/** Tells those who look on that something of the rotations has changed. */
export interface Changes {
  /** Another number after each change, and after a restart. */
  readonly revision: number
  changed(): void
  /** Calls back at each change, until what is returned is called. */
  subscribe(callback: () => void): () => void
  /** Resolves when the revision is another one than this, or the signal comes. */
  after(revision: number, signal: AbortSignal): Promise<void>
}

/** Returns changes that begin to count at a number. */
export function createChanges(first: number): Changes {
  const callbacks = new Set<() => void>()
  let revision = first
  const subscribe = (callback: () => void): (() => void) => {
    // One function may be given twice, and each ends its own.
    const own = (): void => callback()
    callbacks.add(own)
    return () => void callbacks.delete(own)
  }
  return {
    get revision() {
      return revision
    },
    changed() {
      revision += 1
      for (const callback of callbacks) callback()
    },
    subscribe,
    after: (seen, signal) =>
      new Promise((resolve) => {
        if (seen !== revision || signal.aborted) return resolve()
        const end = (): void => {
          unsubscribe()
          signal.removeEventListener('abort', end)
          resolve()
        }
        const unsubscribe = subscribe(end)
        signal.addEventListener('abort', end)
      }),
  }
}
