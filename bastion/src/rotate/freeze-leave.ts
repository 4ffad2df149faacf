import type { RotationRun } from '@sallyport/keys/rotation'
import type { Frozen } from '../calendar/index.ts'

/** Whether somebody may begin by hand, and what is written down of the freeze that it is done in. */
export type Leave =
  | { readonly kind: 'given'; readonly run: Pick<RotationRun, 'despiteFreeze'> }
  | { readonly kind: 'refused'; readonly message: string }

/** Returns the leave to begin: not in a freeze, unless a reason is given. It holds for that freeze, and no later one. */
export function leaveOf(frozen: Frozen | undefined, reason: string | undefined): Leave {
  if (frozen === undefined) return { kind: 'given', run: {} }
  const until = new Date(frozen.until).toISOString()
  if (reason !== undefined) return { kind: 'given', run: { despiteFreeze: { reason, until } } }
  const message = `freeze ${frozen.name}: frozen until ${until}; at the command line, --despite-freeze REASON goes past it`
  return { kind: 'refused', message }
}
