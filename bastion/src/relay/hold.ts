import type { Held } from '../decide/index.ts'
import { askPeople } from './ask-people.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { filterFiles } from './file-filter.ts'
import { goHeld } from './go.ts'
import { refuse } from './refuse.ts'
import type { StartRequest } from './start-request.ts'

/**
 * Holds a start request until people have decided. Nothing of the channel reaches the target in the meantime, and no
 * other channel waits for it. What is sent then is what they saw, not what the agent may have sent since.
 */
export function hold(relay: RelayContext, channel: Channel, asked: StartRequest, held: Held): void {
  channel.holdStart()
  // What comes while it waits is judged as it comes.
  if (held.files === true) filterFiles(relay, channel)
  const { ask, title } = asked
  const cancel = askPeople(
    relay,
    channel,
    { ask, title, held },
    {
      tell: (line) => channel.notice(line),
      refuse: (decision, refusal) => refuse(relay, channel, title, decision, refusal),
      go: (decision, grant) => goHeld(relay, channel, asked, decision, grant),
    },
  )
  if (cancel !== undefined) channel.onWithdrawn(cancel)
}
