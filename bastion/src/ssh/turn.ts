let waiting: (() => void)[] = []
/** Whether somebody will run what waits. */
let scheduled = false

/**
 * Runs `work` when the code that handles the current event has finished, before the next event: everything that one
 * read brought is then written at once. Work that work asks for runs in the same pass, so that what an inner connection
 * writes leaves with the outer one's next system call and not a turn later.
 */
export function atEndOfTurn(work: () => void): void {
  waiting.push(work)
  if (scheduled) return
  scheduled = true
  process.nextTick(endTurn)
}

/** A read is about to be handled; `endTurn` follows, whatever comes of it. It saves the detour of a tick. */
export function beginTurn(): void {
  scheduled = true
}

/** The event was handled: runs what waits. */
export function endTurn(): void {
  const works = waiting
  try {
    for (let done = 0; done < works.length; done += 1) works[done]?.()
  } finally {
    waiting = []
    scheduled = false
  }
}
