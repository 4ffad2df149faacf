import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when the condition holds; the test's own time limit ends it otherwise. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(20)
}
