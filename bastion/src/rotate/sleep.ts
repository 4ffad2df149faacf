const MOST = 60 * 1000

/**
 * Returns how to sleep until a moment: for a minute at most, since the clock may be set, and no longer than until the
 * signal comes. Whoever sleeps looks at the time again.
 */
export function createSleepUntil(
  now: () => number,
): (at: number, signal: AbortSignal) => Promise<void> {
  return (at, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, Math.min(MOST, Math.max(0, at - now()) + 1))
      signal.addEventListener('abort', end)
    })
}
