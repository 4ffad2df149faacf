/** Calls back once after `milliseconds`; what it returns calls that off. */
export type SetTimer = (milliseconds: number, callback: () => void) => () => void

export interface Alarm {
  /** Rings at `time` or at the time that was set before, whichever is sooner. */
  by(time: number): void
  stop(): void
}

/** Timers of Node count at most so far. */
const LONGEST = 2 ** 31 - 1

/** Returns one timer for many deadlines: `ring` deals with those that are due and returns the next one. */
export function createAlarm(options: {
  readonly now: () => number
  readonly setTimer: SetTimer
  readonly ring: () => number | undefined
}): Alarm {
  const { now, setTimer, ring } = options
  let next: number | undefined
  let callOff: (() => void) | undefined

  function by(time: number): void {
    if (next !== undefined && next <= time) return
    callOff?.()
    next = time
    // A timer may be a little early by the clock; then it rings again.
    const wait = Math.min(Math.max(time - now(), 1), LONGEST)
    callOff = setTimer(wait, () => {
      next = undefined
      const following = ring()
      if (following !== undefined) by(following)
    })
  }

  return {
    by,
    stop() {
      callOff?.()
      next = undefined
    },
  }
}

/** The timers of Node; a waiting ticket keeps no process alive. */
export const nodeTimer: SetTimer = (milliseconds, callback) => {
  const timer = setTimeout(callback, milliseconds).unref()
  return () => clearTimeout(timer)
}
