import { randomInt } from 'node:crypto'
import type { Rotations } from './rotations.ts'

const HOUR = 3600 * 1000

/**
 * Logs in at every target once a day, at no fixed hour, so that what has drifted is found before an agent finds it. What
 * was found is with the places and in the audit log.
 */
export function verifyNightly(
  rotations: Pick<Rotations, 'verify' | 'states'>,
  failed: (error: unknown) => void,
): { readonly close: () => void } {
  let timer: NodeJS.Timeout
  const plan = (): void => {
    timer = setTimeout(
      () => {
        const look = rotations.states().length === 0 ? Promise.resolve() : rotations.verify({})
        look.catch(failed).finally(plan)
      },
      23 * HOUR + randomInt(2 * HOUR),
    )
    timer.unref()
  }
  plan()
  return { close: () => clearTimeout(timer) }
}
