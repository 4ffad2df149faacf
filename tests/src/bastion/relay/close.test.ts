import { strict as assert } from 'node:assert'
import { confirmation, openRawBed, type BothEnds, type RawBed } from '../../support/raw-bed.ts'
import { channelMessage, channelOpen, channelRequest, strings } from '../../support/ssh-messages.ts'

const CLOSE = 97
const WINDOW = 2 << 20

describe('relay: the end of a channel', () => {
  let raw: RawBed
  let ends: BothEnds

  before(async () => {
    raw = await openRawBed()
    ends = await raw.enter()
  })
  after(async () => {
    await raw?.close()
  })

  for (const [first, second] of [
    ['target', 'agent'],
    ['agent', 'target'],
  ] as const) {
    it(`frees the channel when the ${first} closes first, more often than there may be channels`, async () => {
      for (let round = 0; round < 210; round += 1) {
        ends.agent.send(channelOpen('session', Buffer.alloc(0), WINDOW))
        const open = await ends.target.next()
        assert.equal(open[0], 90)
        ends.target.send(confirmation(open.readUInt32BE(5 + 7), WINDOW))
        const confirmed = await ends.agent.next()
        assert.equal(confirmed[0], 91, `channel ${round + 1} is refused`)
        const number = { agent: confirmed.readUInt32BE(5), target: open.readUInt32BE(5 + 7) }
        ends.agent.send(channelRequest(number.agent, 'exec', false, strings('true')))
        assert.equal((await ends.target.next())[0], 98)
        // The start widens the agent's window.
        assert.equal((await ends.agent.next())[0], 93)
        ends[first].send(channelMessage(CLOSE, number[first]))
        assert.equal((await ends[second].next())[0], CLOSE)
        ends[second].send(channelMessage(CLOSE, number[second]))
        assert.equal((await ends[first].next())[0], CLOSE)
      }
    })
  }
})
