import { strict as assert } from 'node:assert'
import { createWriter } from '@sallyport/keys/wire'
import { openRawBed, type OpenChannel, type RawBed } from '../../support/raw-bed.ts'
import {
  channelMessage,
  channelRequest,
  globalRequest,
  strings,
} from '../../support/ssh-messages.ts'

const WORDS = 'words that no recording holds'
const words = Buffer.from(WORDS)

/**
 * A target may say things outside channel data. Whatever of it reaches the agent is printed by the bastion, or a byte
 * would reach an agent that is in no recording.
 */
describe('relay: a target that speaks beside its channel data', () => {
  let raw: RawBed

  before(async () => {
    raw = await openRawBed()
  })
  after(async () => {
    await raw?.close()
  })

  const started = async (): Promise<OpenChannel> => {
    const channel = await raw.session()
    channel.agent.send(channelRequest(channel.toTarget, 'exec', false, strings('talk')))
    assert.equal((await channel.target.next())[0], 98)
    return channel
  }
  /** The next message to the agent that is of one of these types. */
  const heard = async (channel: OpenChannel, type: number): Promise<Buffer> => {
    for (;;) {
      const payload = await channel.agent.next()
      assert.equal(payload.includes(words), false)
      if (payload[0] === type) return payload
    }
  }

  it('has its answer to a keepalive stripped', async () => {
    const ends = await raw.enter()
    ends.agent.send(globalRequest('keepalive@openssh.com', true))
    await ends.target.next()
    ends.target.send(Buffer.concat([Buffer.of(81), words]))
    assert.deepEqual(await ends.agent.next(), Buffer.of(81))
    ends.agent.close()
  })

  it('has its own keepalives stripped', async () => {
    const ends = await raw.enter()
    ends.target.send(globalRequest('keepalive@openssh.com', true, words))
    const asked = await ends.agent.next()
    assert.deepEqual(asked, globalRequest('keepalive@openssh.com', true))
    ends.agent.close()
  })

  for (const type of ['eow@openssh.com', 'keepalive@openssh.com']) {
    it(`has its ${type} on a channel stripped`, async () => {
      const channel = await started()
      channel.target.send(channelRequest(channel.toAgent, type, false, words))
      assert.equal((await heard(channel, 98)).length, 1 + 4 + 4 + type.length + 1)
      channel.agent.close()
    })
  }

  it('has the message of an exit signal left out', async () => {
    const channel = await started()
    const body = createWriter().string('TERM').bool(true).string(words).string(words).bytes()
    channel.target.send(channelRequest(channel.toAgent, 'exit-signal', false, body))
    assert.match((await heard(channel, 98)).toString('latin1'), /exit-signal.*TERM/)
    channel.agent.close()
  })

  it('cannot append to an exit status', async () => {
    const channel = await started()
    const body = Buffer.concat([Buffer.of(0, 0, 0, 7), words])
    channel.target.send(channelRequest(channel.toAgent, 'exit-status', false, body))
    assert.match(await channel.agent.ended(), /malformed message from the target/)
  })

  it('can end a command once only', async () => {
    const channel = await started()
    const status = channelRequest(channel.toAgent, 'exit-status', false, Buffer.of(0, 0, 0, 7))
    channel.target.send(status, status)
    assert.match(await channel.agent.ended(), /ended a command twice/)
  })

  it('has its reason for a refused channel said in our words', async () => {
    const ends = await raw.enter()
    ends.agent.send(createWriter().u8(90).string('session').u32(5).u32(65536).u32(32768).bytes())
    const open = await ends.target.next()
    const number = open.readUInt32BE(5 + 7)
    const refusal = createWriter().u8(92).u32(number).u32(4).string(words).string('').bytes()
    ends.target.send(refusal)
    const told = await ends.agent.next()
    assert.equal(told[0], 92)
    assert.equal(told.readUInt32BE(5), 4)
    assert.match(told.toString('latin1'), /sallyport: refused by the target/)
    assert.equal(told.includes(words), false)
    ends.agent.close()
  })

  it('cannot make the agent wait for ever when it goes away', async () => {
    const channel = await started()
    channel.agent.send(channelMessage(96, channel.toTarget))
    channel.target.close()
    assert.match(await channel.agent.ended(), /sallyport: the target is gone/)
  })
})
