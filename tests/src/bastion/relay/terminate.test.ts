import { strict as assert } from 'node:assert'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { callControl } from '@sallyport/bastion/control'
import { createWriter } from '@sallyport/keys/wire'
import { OPEN_POLICY } from '../../support/bed-config.ts'
import { openRawBed, type OpenChannel, type RawBed } from '../../support/raw-bed.ts'
import { live } from '../../support/sallyport.ts'
import {
  channelData,
  channelMessage,
  channelOpen,
  channelRequest,
  openFailureOf,
  strings,
} from '../../support/ssh-messages.ts'

/** The end of a channelRequest `signal` that wants no reply. */
const KILL = Buffer.concat([Buffer.of(0), strings('KILL')])

describe('relay: a connection that is ended by us', () => {
  let raw: RawBed

  before(async () => {
    raw = await openRawBed()
  })
  after(async () => {
    await raw?.close()
  })

  const post = async (path: string, body: unknown): Promise<void> => {
    const { status } = await callControl({ data: raw.bed.data, method: 'POST', path, body })
    assert.equal(status, 200)
  }
  const terminate = async (): Promise<void> => {
    const [open] = await live(raw.bed)
    await post(`/api/live/${String(open?.['recordingId'])}/terminate`, { reason: 'enough' })
  }
  const running = async (window?: number): Promise<OpenChannel> => {
    const channel = await raw.session(window)
    channel.agent.send(channelRequest(channel.toTarget, 'exec', false, strings('talk')))
    assert.equal((await channel.target.next())[0], 98)
    return channel
  }

  it('has its command killed, and its session closed after it was told why', async () => {
    const { agent, target } = await running()
    await terminate()
    const kill = await target.next()
    assert.deepEqual([kill[0], kill.subarray(-KILL.length)], [98, KILL])
    assert.equal((await target.next())[0], 97)
    await target.ended()
    // The agent answers nothing, and is cut off.
    assert.equal(await agent.ended(), 'sallyport: session ended: enough')
    const told = agent.heard.filter((payload) => payload[0] !== 93)
    assert.deepEqual(
      told.map(([type]) => type),
      [95, 98, 96, 97],
    )
    assert.match(String(told[0]), /sallyport: session ended: enough\n$/)
    assert.match(String(told[1]), /exit-status/)
    assert.equal(told[1]?.readUInt32BE(told[1].length - 4), 255)
  })

  it('is cut off though it takes nothing, and nothing that it sends arrives', async () => {
    const { agent, target, toTarget, toAgent } = await running(4096)
    target.send(channelData(toAgent, 'x'.repeat(3000)))
    await terminate()
    agent.send(
      channelData(toTarget, 'too late'),
      channelRequest(toTarget, 'signal', false, strings('USR1')),
      channelOpen('session'),
      channelOpen('no-such-type'),
    )
    assert.equal(await agent.ended(), 'sallyport: session ended: enough')
    const answers = agent.heard.filter(([type]) => type === 92)
    assert.deepEqual(answers, [])
    await target.ended()
    assert.deepEqual(
      target.heard.map(([type]) => type),
      [98, 97],
    )
  })

  it('has a forward that is not open yet refused when the policy takes it away', async () => {
    const { agent, target } = await raw.enter()
    const body = createWriter().string('127.0.0.1').u32(80).string('').u32(0).bytes()
    agent.send(channelOpen('direct-tcpip', body))
    const open = await target.next()
    assert.equal(open[0], 90)
    const policy = join(raw.bed.folder, 'policy.yaml')
    await writeFile(
      policy,
      OPEN_POLICY.replace("local: [{ host: '127.0.0.1'", "local: [{ host: '127.0.0.2'"),
    )
    await post('/api/policy/reload', {})
    const { description } = openFailureOf(await agent.next())
    assert.match(description, /^sallyport: ended: the policy changed: denied by rule default: /)
    // The target opens it all the same, and has it closed at once.
    const sender = open.readUInt32BE(5 + 'direct-tcpip'.length)
    const confirmed = createWriter()
      .u8(91)
      .u32(sender)
      .u32(3)
      .u32(1 << 20)
      .u32(32_768)
      .bytes()
    target.send(confirmed)
    assert.deepEqual(await target.next(), channelMessage(97, 3))
    target.send(channelMessage(97, sender))
    agent.close()
    await target.ended()
    assert.deepEqual(agent.heard, [])
  })
})
