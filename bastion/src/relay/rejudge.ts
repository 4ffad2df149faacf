import type { Decision } from '../decide/index.ts'
import { message, MSG, openFailure, OPEN_FAILURE, sshString, uint32 } from '../ssh/messages.ts'
import type { Asked } from './asked.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { decideWithVariables } from './decide-with-variables.ts'
import { killAtTarget } from './farewell.ts'
import type { RemoteForward } from './forwards.ts'
import { STATUS_DENIED } from './refuse.ts'

/**
 * Asks again, after the policy has changed, about everything that runs in a connection, and ends what is no longer
 * allowed; its siblings go on. Returns how many channels were ended.
 */
export function rejudge(relay: RelayContext): number {
  const { decide, report } = relay.options
  withdrawForwards(relay)
  let ended = 0
  for (const channel of relay.channels) {
    const { asked, phase } = channel
    if (asked === undefined || phase === 'refused' || channel.ended) continue
    const refusal = refusalOf(asked, decideWithVariables(decide, channel, asked.question))
    if (refusal === undefined) continue
    ended += 1
    const { rule, words } = refusal
    report('relay.channel-ended', { kind: asked.question.kind, rule, reason: words })
    const text = `sallyport: ended: the policy changed: ${words}`
    if (channel.type === 'session') endSession(channel, text)
    else endForward(relay, channel, text)
  }
  return ended
}

/** Ends what runs under a grant that has ended; returns how many channels that were. */
export function endGranted(relay: RelayContext, grant: string, why: string): number {
  const granted = [...relay.channels].filter(({ asked }) => asked?.grant === grant)
  for (const channel of granted) endSession(channel, `sallyport: ended: ${why}`)
  return granted.length
}

interface Refusal {
  readonly rule: string
  readonly words: string
}

function refusalOf({ approved, shell, files }: Asked, decision: Decision): Refusal | undefined {
  const { effect, rule } = decision
  if (effect === 'deny') return { rule, words: `denied by rule ${rule}: ${decision.message}` }
  if (effect === 'approve' && !approved) return { rule, words: `rule ${rule} asks for approval` }
  // What runs cannot be looked into after the fact.
  if (decision.files === true && files !== true)
    return { rule, words: `rule ${rule} has each file judged` }
  if (decision.shell === 'guarded' && shell === 'observed')
    return { rule, words: `rule ${rule} lets only a guarded shell run` }
  return undefined
}

function withdrawForwards(relay: RelayContext): void {
  const { forwards, options } = relay
  const { decide, recorder, target } = options
  forwards.agent &&= decide({ kind: 'agent' }).effect === 'allow'
  forwards.x11 &&= decide({ kind: 'x11' }).effect === 'allow'
  for (const forward of forwards.withdraw((question) => decide(question).effect === 'allow')) {
    recorder.event('forward.withdrawn', forward.question)
    target.send(cancelling(forward))
  }
}

/** A global request that wants no reply: byte 80, string type, boolean false, then by type. */
function cancelling(forward: RemoteForward): Buffer {
  const body =
    forward.kind === 'tcp'
      ? Buffer.concat([sshString(forward.host), uint32(forward.port)])
      : sshString(forward.path)
  const type =
    forward.kind === 'tcp' ? 'cancel-tcpip-forward' : 'cancel-streamlocal-forward@openssh.com'
  return message(MSG.GLOBAL_REQUEST, sshString(type), Buffer.of(0), body)
}

function endSession(channel: Channel, text: string): void {
  killAtTarget(channel)
  channel.refuse([text], STATUS_DENIED)
}

function endForward(relay: RelayContext, channel: Channel, text: string): void {
  const { agent, target, up, down } = channel
  channel.phase = 'refused'
  channel.recorder?.note({ ended: text })
  up.drop()
  down.drop()
  const opener = channel.type.startsWith('direct-') ? agent : target
  if (opener.state === 'opening') {
    opener.state = 'none'
    const reason = OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED
    opener.transport.send(openFailure(opener.recipient, reason, text))
  }
  for (const leg of [agent, target]) {
    leg.discarding = true
    leg.close()
  }
  relay.release(channel)
}
