/** What must be closed again, in the reverse of the order in which it was opened. */
export interface Closers {
  add(close: () => Promise<void> | void): void
  closeAll(): Promise<void>
}

export function createClosers(): Closers {
  const owned: (() => Promise<void> | void)[] = []
  return {
    add(close) {
      owned.push(close)
    },
    async closeAll() {
      for (const close of owned.splice(0).toReversed()) await close()
    },
  }
}
