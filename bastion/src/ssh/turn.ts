let waiting: (() => void)[] = []
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
  process.nextTick(runAll)
}

function runAll(): void {
  for (let done = 0; done < waiting.length; done += 1) waiting[done]?.()
  waiting = []
  scheduled = false
}
