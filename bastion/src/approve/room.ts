import type { ApprovalAsk } from './ask.ts'

/** How many commands may wait at once. */
export interface Most {
  readonly perIdentity: number
  readonly total: number
}

/** Text that nobody resolved is read by a person from the first to the last character. */
const MOST_TEXT_BYTES = 8 * 1024
/** A judged line is at most 8 KiB, and quoting it again makes it longer. */
const MOST_JUDGED_BYTES = 40 * 1024

/** All that an agent has set is read by a person too. */
const MOST_VARIABLES_BYTES = 8 * 1024

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Returns why nobody can be asked, as a sentence for the agent; undefined when somebody can. */
export function problemOf(ask: ApprovalAsk): string | undefined {
  const { send, judged, terms, rule } = ask.held
  const most = judged ? MOST_JUDGED_BYTES : MOST_TEXT_BYTES
  if (terms.length === 0) return `rule ${rule} says nobody who could approve`
  if (send.length === 0) return 'there is nothing to approve'
  if (send.length > most) return `a command of more than ${most} bytes cannot be put to a person`
  if (areTooLong(ask.variables))
    return `variables of more than ${MOST_VARIABLES_BYTES} bytes cannot be put to a person`
  try {
    decoder.decode(send)
    return undefined
  } catch {
    return 'a command that is not UTF-8 cannot be put to a person'
  }
}

/** Whether nobody would read all of the variables. */
export function areTooLong(variables: readonly string[]): boolean {
  return Buffer.byteLength(variables.join('')) > MOST_VARIABLES_BYTES
}

/** Returns why one more cannot wait, as a sentence for the agent; undefined when it can. */
export function crowded(most: Most, waiting: { own: number; all: number }): string | undefined {
  if (waiting.own >= most.perIdentity) {
    return `${waiting.own} commands of this identity already wait for approval`
  }
  if (waiting.all >= most.total) return 'too many commands wait for approval'
  return undefined
}
