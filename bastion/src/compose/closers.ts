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
      const failures: unknown[] = []
      for (const close of owned.splice(0).toReversed()) {
        // One that cannot be closed must not keep the others open: the vault and the audit log come last.
        try {
          await close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed')
    },
  }
}
