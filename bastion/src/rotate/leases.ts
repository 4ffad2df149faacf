/** Sees to it that no two rotations work at one target. */
export interface Leases {
  /** Waits until all of these targets are free, and keeps them until what is returned is called. */
  take(targets: readonly string[]): Promise<() => void>
}

/** Returns leases that none has. */
export function createLeases(): Leases {
  const taken = new Set<string>()
  let waiting: (() => void)[] = []
  return {
    async take(targets) {
      const wanted = [...new Set(targets)]
      while (wanted.some((target) => taken.has(target)))
        await new Promise<void>((resolve) => waiting.push(resolve))
      for (const target of wanted) taken.add(target)
      return () => {
        for (const target of wanted) taken.delete(target)
        const woken = waiting
        waiting = []
        for (const wake of woken) wake()
      }
    },
  }
}
