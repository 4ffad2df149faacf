import { strict as assert } from 'node:assert'
import { createWriter } from '@sallyport/keys/wire'
import { linesOf } from '../../support/audit.ts'
import { openRawBed, type BothEnds, type OpenChannel, type RawBed } from '../../support/raw-bed.ts'
import {
  channelData,
  channelMessage,
  channelOpen,
  channelRequest,
  directTcpip,
  globalRequest,
  strings,
  windowAdjust,
} from '../../support/ssh-messages.ts'

describe('relay: an agent that breaks the protocol', () => {
  let raw: RawBed

  before(async () => {
    raw = await openRawBed()
  })
  after(async () => {
    await raw?.close()
  })

  /** The target has heard nothing until now: the agent's own keepalive comes first. */
  const targetHearsNothing = async ({ agent, target }: BothEnds): Promise<void> => {
    agent.send(globalRequest('keepalive@openssh.com', false))
    assert.equal((await target.next())[0], 80)
  }
  const violation = async (ends: BothEnds, reason: RegExp): Promise<void> => {
    assert.match(await ends.agent.ended(), reason)
    await ends.target.ended()
    const lines = linesOf(await raw.bed.audit(), 'relay.violation')
    assert.match(String(lines.at(-1)?.['reason']), reason)
  }
  const exec = (channel: OpenChannel, command: string): void => {
    channel.agent.send(channelRequest(channel.toTarget, 'exec', true, strings(command)))
  }

  it('ends the connection when it sends before its start request', async () => {
    const channel = await raw.session()
    channel.agent.send(channelData(channel.toTarget, 'rm -rf /\n'))
    await violation(channel, /the agent sent data before a start request/)
    assert.deepEqual(channel.target.heard, [])
  })

  it('ends the connection when it sends more than its window, before the start and after', async () => {
    const early = await raw.session()
    assert.ok(early.agentWindow <= 8192)
    early.agent.send(channelData(early.toTarget, Buffer.alloc(early.agentWindow + 1)))
    await violation(early, /the agent sent more than its window/)
    const late = await raw.session(20_000)
    exec(late, 'echo')
    assert.equal((await late.target.next())[0], 98)
    late.agent.send(channelData(late.toTarget, Buffer.alloc(20_001)))
    await violation(late, /the agent sent more than its window/)
    assert.deepEqual(late.target.heard, [])
  })

  it('ends the connection with an answer to a question that nobody asked', async () => {
    for (const type of [99, 100]) {
      const channel = await raw.session()
      channel.agent.send(channelMessage(type, channel.toTarget))
      await violation(channel, /the agent answered a request that nobody made/)
    }
    const ends = await raw.enter()
    ends.agent.send(Buffer.of(81))
    await violation(ends, /the agent answered a global request that nobody made/)
  })

  it('ends the connection with a message for no channel, or a channel not open yet', async () => {
    for (const type of [93, 94, 96, 97, 98]) {
      const ends = await raw.enter()
      ends.agent.send(createWriter().u8(type).u32(77).u32(0).u32(0).bytes())
      await violation(ends, new RegExp(`message ${type} of the agent for no channel`))
    }
    const opening = await raw.enter()
    opening.agent.send(channelOpen('session'), channelData(0, 'early'))
    await violation(opening, /message 94 of the agent for a channel that is not open/)
  })

  it('ends the connection at any message cut short, and the bastion lives on', async () => {
    const whole = ({ toTarget }: OpenChannel): Buffer[] => [
      channelRequest(toTarget, 'exec', true, strings('echo hello')),
      channelRequest(toTarget, 'env', true, strings('FOO_X', 'value')),
      channelRequest(toTarget, 'pty-req', true, strings('xterm')),
      channelRequest(toTarget, 'subsystem', true, strings('sftp')),
      directTcpip('127.0.0.1', 8080).subarray(0, 44),
      globalRequest('tcpip-forward', true, strings('127.0.0.1')),
      windowAdjust(toTarget, 1),
    ]
    const kinds = whole(await raw.session()).length
    for (let kind = 0; kind < kinds; kind += 1) {
      for (const keep of [0.2, 0.6, 0.95]) {
        const channel = await raw.session()
        const payload = whole(channel)[kind] ?? Buffer.alloc(0)
        channel.agent.send(payload.subarray(0, Math.max(1, Math.floor(payload.length * keep))))
        assert.match(await channel.agent.ended(), /^sallyport: malformed/, `${kind}, ${keep}`)
      }
    }
    assert.equal((await raw.bed.ssh(['direct', 'echo'])).status, 0)
  })

  it('ends the connection with a maximum packet of next to nothing, and a window beyond 32 bits does no harm', async () => {
    const zero = await raw.enter()
    zero.agent.send(createWriter().u8(90).string('session').u32(0).u32(9).u32(1).bytes())
    await violation(zero, /maximum packet size that is too small/)
    const wide = await raw.session(0xffffffff)
    wide.agent.send(
      windowAdjust(wide.toTarget, 0xffffffff),
      windowAdjust(wide.toTarget, 0xffffffff),
    )
    await targetHearsNothing(wide)
    wide.agent.close()
  })
})
