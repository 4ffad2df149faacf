import { constants } from 'node:os'
import type { Outcome, SignalName } from '../host.ts'

/** Returns how a command ended as one number, as shells count. */
export function statusOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'status':
    case 'notRun':
      return outcome.status & 0xff
    case 'signal':
      return 128 + signalNumber(outcome.name)
  }
}

/** Returns the name of a signal that a command can be sent, or undefined. */
export function commandSignal(name: string): SignalName | undefined {
  return name === 'INT' || name === 'QUIT' || name === 'TERM' ? name : undefined
}

function signalNumber(name: string): number {
  const found = Object.entries(constants.signals).find(([signal]) => signal === `SIG${name}`)
  return found?.[1] ?? 127
}
