import { strict as assert } from 'node:assert'
import { createWriter } from '@sallyport/keys/wire'
import { auditedDuring, linesOf } from '../../support/audit.ts'
import {
  confirmation,
  openRawBed,
  type BothEnds,
  type OpenChannel,
  type RawBed,
} from '../../support/raw-bed.ts'
import {
  channelData,
  channelMessage,
  channelOpen,
  channelRequest,
  globalRequest,
  openFailureOf,
  strings,
} from '../../support/ssh-messages.ts'

const keepalive = globalRequest('keepalive@openssh.com', true)
const address = createWriter().string('127.0.0.1').u32(8022).string('127.0.0.1').u32(1).bytes()

describe('relay: a target that lies', () => {
  let raw: RawBed

  before(async () => {
    raw = await openRawBed()
  })
  after(async () => {
    await raw?.close()
  })

  /** Starts a command, so that the target may speak on the channel. */
  const running = async (window?: number): Promise<OpenChannel> => {
    const channel = await raw.session(window)
    channel.agent.send(channelRequest(channel.toTarget, 'exec', true, strings('talk')))
    const request = await channel.target.next()
    assert.equal(request[0], 98)
    channel.target.send(channelMessage(99, channel.toAgent))
    let answer = await channel.agent.next()
    // The start widens the agent's window.
    if (answer[0] === 93) answer = await channel.agent.next()
    assert.equal(answer[0], 99)
    return channel
  }
  /** The agent has heard nothing until now: the answer to its own question comes first. */
  const agentHearsNothing = async ({ agent, target }: BothEnds): Promise<void> => {
    agent.send(keepalive)
    while ((await target.next())[0] !== 80);
    target.send(Buffer.of(82))
    assert.equal((await agent.next())[0], 82)
  }
  const violation = async (ends: BothEnds, reason: RegExp): Promise<void> => {
    assert.match(await ends.agent.ended(), reason)
    await ends.target.ended()
    const lines = linesOf(await raw.bed.audit(), 'relay.violation')
    assert.match(String(lines.at(-1)?.['reason']), reason)
  }

  for (const type of [
    'session',
    'forwarded-tcpip',
    'direct-tcpip',
    'x11',
    'auth-agent@openssh.com',
    'forwarded-streamlocal@openssh.com',
    'tun@openssh.com',
  ]) {
    it(`is refused a channel of type ${type} that nobody asked for`, async () => {
      const ends = await raw.enter()
      const lines = await auditedDuring(raw.bed, async () => {
        ends.target.send(channelOpen(type, address))
        const answer = await ends.target.next()
        assert.equal(answer[0], 92)
        assert.deepEqual(openFailureOf(answer), {
          reason: 1,
          description: 'sallyport: nothing was forwarded that this channel could be for',
        })
        await agentHearsNothing(ends)
      })
      const [line] = linesOf(lines, 'relay.open-refused')
      assert.deepEqual([line?.['by'], line?.['type']], ['target', type])
      ends.agent.close()
    })
  }

  it('cannot offer the agent other host keys, or ask for a proof of them', async () => {
    const ends = await raw.enter()
    for (const type of ['hostkeys-00@openssh.com', 'hostkeys-prove-00@openssh.com']) {
      ends.target.send(globalRequest(type, false, strings('key')))
      ends.target.send(globalRequest(type, true, strings('key')))
      assert.equal((await ends.target.next())[0], 82)
    }
    await agentHearsNothing(ends)
    ends.agent.close()
  })

  it('is refused every global request but keepalives', async () => {
    const ends = await raw.enter()
    for (const type of ['tcpip-forward', 'no-more-sessions@openssh.com', 'elevation', '']) {
      ends.target.send(globalRequest(type, true, address))
      assert.equal((await ends.target.next())[0], 82)
    }
    await agentHearsNothing(ends)
    ends.agent.close()
  })

  it('ends the connection with an answer to a request that nobody made', async () => {
    for (const type of [99, 100]) {
      const channel = await running()
      channel.target.send(channelMessage(type, channel.toAgent))
      await violation(channel, /the target answered a request that nobody made/)
    }
    for (const answer of [81, 82]) {
      const ends = await raw.enter()
      ends.target.send(Buffer.of(answer))
      await violation(ends, /the target answered a global request that nobody made/)
    }
  })

  it('ends the connection when it confirms or refuses what nobody opened', async () => {
    const confirmed = await running()
    confirmed.target.send(confirmation(confirmed.toAgent, 100))
    await violation(confirmed, /a channel was confirmed that nobody opened/)
    const failed = await running()
    failed.target.send(
      createWriter().u8(92).u32(failed.toAgent).u32(1).string('').string('').bytes(),
    )
    await violation(failed, /a channel was refused that nobody opened/)
    const stranger = await raw.enter()
    stranger.target.send(confirmation(3, 100))
    await violation(stranger, /message 91 of the target for no channel/)
  })

  it('delivers not a byte beyond its window, and ends the connection', async () => {
    const channel = await running(20_000)
    assert.ok(channel.targetWindow <= 20_000)
    channel.target.send(channelData(channel.toAgent, Buffer.alloc(channel.targetWindow, 'a')))
    channel.target.send(channelData(channel.toAgent, 'b'))
    await violation(channel, /the target sent more than its window/)
    const said = channel.agent.heard.filter((payload) => payload[0] === 94)
    assert.ok(
      Buffer.concat(said.map((payload) => payload.subarray(9))).every((byte) => byte === 0x61),
    )
  })

  it('ends the connection when it speaks before a start request, on either stream', async () => {
    const early = await raw.session()
    early.target.send(channelData(early.toAgent, 'early'))
    await violation(early, /the target sent data before a start request/)
    const error = await raw.session()
    error.target.send(createWriter().u8(95).u32(error.toAgent).u32(1).string('early').bytes())
    await violation(error, /the target sent data before a start request/)
  })

  it('closes twice without harm to other channels', async () => {
    const channel = await running()
    channel.target.send(channelMessage(97, channel.toAgent), channelMessage(97, channel.toAgent))
    assert.equal((await channel.agent.next())[0], 97)
    await agentHearsNothing(channel)
    channel.agent.close()
  })

  it('cannot speak after its close', async () => {
    const channel = await running()
    channel.target.send(channelMessage(97, channel.toAgent), channelData(channel.toAgent, 'late'))
    assert.equal((await channel.agent.next())[0], 97)
    await agentHearsNothing(channel)
    channel.agent.close()
  })

  it('floods behind a channel open that the agent leaves unanswered: the connection ends', async () => {
    const ends = await raw.enter()
    const forward = createWriter().string('127.0.0.1').u32(8022).bytes()
    ends.agent.send(globalRequest('tcpip-forward', true, forward))
    await ends.target.next()
    ends.target.send(Buffer.of(81))
    assert.equal((await ends.agent.next())[0], 81)
    ends.target.send(channelOpen('forwarded-tcpip', address))
    const open = await ends.agent.next()
    assert.equal(open[0], 90)
    const number = open.readUInt32BE(5 + 'forwarded-tcpip'.length)
    ends.target.send(channelData(number, Buffer.alloc(1000)))
    await violation(ends, /message 94 of the target for a channel that is not open/)
  })

  it('is refused the 201st channel', async () => {
    const ends = await raw.enter()
    const forward = createWriter().string('127.0.0.1').u32(8022).bytes()
    ends.agent.send(globalRequest('tcpip-forward', true, forward))
    await ends.target.next()
    ends.target.send(Buffer.of(81))
    await ends.agent.next()
    ends.target.send(...Array.from({ length: 201 }, () => channelOpen('forwarded-tcpip', address)))
    assert.deepEqual(openFailureOf(await ends.target.next()), {
      reason: 4,
      description: 'sallyport: too many channels',
    })
    for (let opened = 0; opened < 200; opened += 1) assert.equal((await ends.agent.next())[0], 90)
    await agentHearsNothing(ends)
    ends.agent.close()
  })

  it('is refused channel requests that are not how a command ended', async () => {
    const channel = await running()
    for (const type of ['exec', 'shell', 'env', 'pty-req', 'window-change', 'x']) {
      channel.target.send(channelRequest(channel.toAgent, type, true, strings('x', 'y')))
      assert.equal((await channel.target.next())[0], 100)
    }
    await agentHearsNothing(channel)
    channel.agent.close()
  })

  it('ends the connection at any message cut short, and the bastion lives on', async () => {
    const whole = (channel: OpenChannel): Buffer[] => [
      channelData(channel.toAgent, 'text'),
      createWriter().u8(95).u32(channel.toAgent).u32(1).string('text').bytes(),
      channelRequest(channel.toAgent, 'exit-status', false, Buffer.alloc(4)),
      channelRequest(channel.toAgent, 'exit-signal', false, strings('TERM')),
      channelOpen('forwarded-tcpip', address),
      createWriter().u8(93).u32(channel.toAgent).u32(1).bytes(),
    ]
    const kinds = whole(await running()).length
    for (let kind = 0; kind < kinds; kind += 1) {
      for (const keep of [0.15, 0.5, 0.7]) {
        const channel = await running()
        const payload = whole(channel)[kind] ?? Buffer.alloc(0)
        channel.target.send(payload.subarray(0, Math.max(1, Math.floor(payload.length * keep))))
        assert.match(await channel.agent.ended(), /^sallyport: /, `kind ${kind}, ${keep}`)
      }
    }
    assert.equal((await raw.bed.ssh(['direct', 'true'])).status, 0)
  })

  it('ends the connection with a message of another protocol', async () => {
    for (const type of [50, 52, 53, 60, 101, 255]) {
      const ends = await running()
      ends.target.send(Buffer.of(type, 0, 0, 0, 0))
      await violation(ends, new RegExp(`message ${type} of the target`))
    }
  })
})
