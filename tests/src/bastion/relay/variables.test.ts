import { strict as assert } from 'node:assert'
import type { ApprovalOutcome } from '@sallyport/bastion/relay'
import { channelMessage, strings } from '../../support/ssh-messages.ts'
import { allowed, approved, denied, held, pendingUntil, said } from './hold-rig.ts'
import { openRig, written, type Rig } from './rig.ts'

const SUCCESS = 99

describe('relay: a variable that may no longer be set', () => {
  let mayBeSet: boolean
  let rig: Rig
  let decideAs: (outcome: ApprovalOutcome) => void

  /** Opens a session in which the agent has set FOO, which the policy allows until `mayBeSet` is false. */
  function sessionWithVariable(): number {
    mayBeSet = true
    const outcome = Promise.withResolvers<ApprovalOutcome>()
    decideAs = outcome.resolve
    rig = openRig({
      decide: (question) => {
        if (question.kind === 'env') return mayBeSet ? allowed : denied
        return question.kind === 'exec' && question.command.includes('restart') ? held : allowed
      },
      ask: () => pendingUntil(outcome.promise, () => {}),
    })
    const channel = rig.session()
    rig.request(channel, 'env', strings('FOO', 'bar'))
    rig.target.next(98)
    rig.target.say(channelMessage(SUCCESS, channel))
    rig.agent.next(SUCCESS)
    return channel
  }

  it('ends what runs with it when the policy changes', async () => {
    const channel = sessionWithVariable()
    rig.request(channel, 'exec', strings('id'))
    await written()
    assert.equal(rig.relay.rejudge(), 0)
    mayBeSet = false
    assert.equal(rig.relay.rejudge(), 1)
    await written()
    assert.match(
      said(rig),
      /^sallyport: ended: the policy changed: denied by rule frozen: variable FOO: not today\n$/,
    )
  })

  it('refuses what would start with it', async () => {
    const channel = sessionWithVariable()
    mayBeSet = false
    assert.equal(rig.relay.rejudge(), 0)
    rig.request(channel, 'exec', strings('id'))
    await written()
    assert.equal(said(rig), 'sallyport: denied by rule frozen: variable FOO: not today\n')
    assert.deepEqual(
      rig.target.heard.map((message) => message[0]),
      [97],
    )
  })

  it('refuses what was held with it, whoever has approved that', async () => {
    const channel = sessionWithVariable()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    await written()
    assert.deepEqual(rig.asked[0]?.variables, ['FOO=bar'])
    mayBeSet = false
    decideAs(approved)
    await written()
    await written()
    const text = 'denied by rule frozen: the policy changed: variable FOO: not today'
    assert.match(said(rig), new RegExp(`sallyport: ${text}\n$`))
    assert.ok(rig.recorded.includes('decision deny frozen'))
  })
})
