import { strict as assert } from 'node:assert'
import { createWriter } from '@sallyport/keys/wire'
import { auditedDuring, linesOf } from '../../support/audit.ts'
import { openRawBed, type BothEnds, type OpenChannel, type RawBed } from '../../support/raw-bed.ts'
import { recorded } from '../../support/recorded.ts'
import {
  channelMessage,
  channelOpen,
  channelRequest,
  directTcpip,
  globalRequest,
  openFailureOf,
  strings,
} from '../../support/ssh-messages.ts'

const POLICY = `
version: 1
rules:
  - id: greet
    effect: allow
    run: { argv: [echo], rest: any }
  - id: no-reboot
    effect: deny
    message: reboots go through the change calendar
    run: { argv: [reboot], rest: any }
  - id: variables
    effect: allow
    env: { FOO_X: { any: true } }
  - id: back
    effect: allow
    forward: { remote: [{ host: '127.0.0.1', ports: [8022] }], local: [{ host: '127.0.0.1', ports: [8080] }] }
`

describe('relay: an agent that breaks the rules', () => {
  let raw: RawBed

  before(async () => {
    raw = await openRawBed({ policy: POLICY })
  })
  after(async () => {
    await raw?.close()
  })

  /** The target has heard nothing until now: the agent's own keepalive comes first. */
  const targetHearsNothing = async ({ agent, target }: BothEnds): Promise<void> => {
    agent.send(globalRequest('keepalive@openssh.com', false))
    assert.equal((await target.next())[0], 80)
  }
  const exec = (channel: OpenChannel, command: string): void => {
    channel.agent.send(channelRequest(channel.toTarget, 'exec', true, strings(command)))
  }

  it('is refused what names itself a channel and is none', async () => {
    const ends = await raw.enter()
    for (const type of [
      'tun@openssh.com',
      'x11',
      'forwarded-tcpip',
      'auth-agent@openssh.com',
      '',
    ]) {
      ends.agent.send(channelOpen(type, strings('x', 'y')))
      assert.deepEqual(openFailureOf(await ends.agent.next()), {
        reason: 3,
        description: 'sallyport: no such channel type',
      })
    }
    await targetHearsNothing(ends)
    ends.agent.close()
  })

  it('is refused global requests that nobody knows', async () => {
    const ends = await raw.enter()
    const lines = await auditedDuring(raw.bed, async () => {
      for (const type of ['hostkeys-prove-00@openssh.com', 'streamlocal-forward@x', '']) {
        ends.agent.send(globalRequest(type, true, strings('x')))
        assert.equal((await ends.agent.next())[0], 82)
      }
      await targetHearsNothing(ends)
    })
    assert.equal(linesOf(lines, 'relay.global-refused').length, 3)
    ends.agent.close()
  })

  it('is refused forwards that no rule allows, and hears which rule', async () => {
    const ends = await raw.enter()
    for (const [host, port] of [
      ['169.254.169.254', 80],
      ['127.0.0.1', 22],
      ['127.0.0.1', raw.bed.sshPort],
      ['localhost', 8080],
    ] as const) {
      ends.agent.send(directTcpip(host, port))
      const { reason, description } = openFailureOf(await ends.agent.next())
      assert.equal(reason, 1)
      assert.match(description, /^sallyport: denied by rule \S+: /)
    }
    for (const [host, port] of [
      ['0.0.0.0', 8022],
      ['', 8022],
      ['127.0.0.1', 8023],
    ] as const) {
      const bind = createWriter().string(host).u32(port).bytes()
      ends.agent.send(globalRequest('tcpip-forward', true, bind))
      assert.equal((await ends.agent.next())[0], 82)
    }
    await targetHearsNothing(ends)
    ends.agent.close()
  })

  it('cannot cancel what it did not forward', async () => {
    const ends = await raw.enter()
    const bind = createWriter().string('127.0.0.1').u32(8022).bytes()
    ends.agent.send(globalRequest('cancel-tcpip-forward', true, bind))
    assert.equal((await ends.agent.next())[0], 82)
    await targetHearsNothing(ends)
    ends.agent.close()
  })

  it('cannot set variables that no rule names', async () => {
    const channel = await raw.session()
    const lines = await auditedDuring(raw.bed, async () => {
      for (const name of ['LD_PRELOAD', 'BASH_ENV', 'PATH', 'foo_x', 'FOO_X ', '']) {
        channel.agent.send(channelRequest(channel.toTarget, 'env', true, strings(name, '/evil.so')))
        assert.equal((await channel.agent.next())[0], 100, name)
      }
      await targetHearsNothing(channel)
    })
    assert.deepEqual(
      linesOf(lines, 'relay.env-refused').map((line) => line['name']),
      ['LD_PRELOAD', 'BASH_ENV', 'PATH', 'foo_x', 'FOO_X ', ''],
    )
    channel.agent.send(channelRequest(channel.toTarget, 'env', true, strings('FOO_X', '1')))
    assert.equal((await channel.target.next())[0], 98)
    channel.agent.close()
  })

  it('is refused requests that nobody knows, and a size for a terminal it has not', async () => {
    const channel = await raw.session()
    for (const type of ['exec2', 'x', 'window-change', 'exit-status', 'pty-req2']) {
      channel.agent.send(channelRequest(channel.toTarget, type, true, Buffer.alloc(16)))
      assert.equal((await channel.agent.next())[0], 100, type)
    }
    await targetHearsNothing(channel)
    channel.agent.close()
  })

  it('hears of a denied command on standard error, with status 126, and the target nothing', async () => {
    const channel = await raw.session()
    exec(channel, 'reboot now-please')
    const said = [
      await channel.agent.next(),
      await channel.agent.next(),
      await channel.agent.next(),
    ]
    const [success, words, status] = said
    assert.equal(success?.[0], 99)
    assert.equal(words?.[0], 95)
    assert.equal(
      words?.subarray(13).toString(),
      'sallyport: denied by rule no-reboot: reboots go through the change calendar\n',
    )
    assert.equal(status?.[0], 98)
    assert.equal(status?.readUInt32BE(status.length - 4), 126)
    assert.deepEqual([(await channel.agent.next())[0], (await channel.agent.next())[0]], [96, 97])
    assert.equal((await channel.target.next())[0], 97)
    channel.agent.send(channelMessage(97, channel.toTarget))
    await targetHearsNothing(channel)
    channel.agent.close()
    await channel.agent.ended()
    const [found] = await recorded(raw.bed, 'reboot now-please', false)
    const decision = found?.cast.events.find((event) => event.code === 'c')?.text ?? '{}'
    const { effect, rule } = JSON.parse(decision) as { effect: string; rule: string }
    assert.deepEqual([effect, rule], ['deny', 'no-reboot'])
    assert.match(found?.streams.stderr.toString() ?? '', /denied by rule no-reboot/)
  })

  it('cannot start twice on one channel, whatever the first came to', async () => {
    const allowed = await raw.session()
    exec(allowed, 'echo one')
    assert.equal((await allowed.target.next()).subarray(18).toString(), "'echo' 'one'")
    exec(allowed, 'echo two')
    allowed.agent.send(channelRequest(allowed.toTarget, 'shell', true))
    allowed.target.send(channelMessage(99, allowed.toAgent))
    const answers = [
      await allowed.agent.next(),
      await allowed.agent.next(),
      await allowed.agent.next(),
    ]
    const types = answers.map((payload) => payload[0]).filter((type) => type !== 93)
    if (types.length < 3) types.push((await allowed.agent.next())[0])
    assert.deepEqual(types, [99, 100, 100])
    await targetHearsNothing(allowed)
    const denied = await raw.session()
    exec(denied, 'reboot')
    exec(denied, 'echo two')
    assert.equal((await denied.target.next())[0], 97)
    await targetHearsNothing(denied)
    allowed.agent.close()
    denied.agent.close()
  })

  it('has each channel of one connection judged by itself', async () => {
    const first = await raw.session()
    first.agent.send(channelOpen('session'))
    const open = await first.target.next()
    const toAgent = open.readUInt32BE(5 + 7)
    const confirmation = createWriter().u8(91).u32(toAgent).u32(9).u32(4000).u32(4000).bytes()
    first.target.send(confirmation)
    const confirmed = await first.agent.next()
    const second: OpenChannel = { ...first, toAgent, toTarget: confirmed.readUInt32BE(5) }
    assert.notEqual(second.toTarget, first.toTarget)
    exec(second, 'reboot')
    exec(first, 'echo mine')
    const heard = [await first.target.next(), await first.target.next()]
    assert.deepEqual(
      heard.map((payload) => [payload[0], payload.readUInt32BE(1)]),
      [
        [97, 9],
        [98, 7],
      ],
    )
    first.agent.close()
  })

  it('is refused the 201st channel', async () => {
    const ends = await raw.enter()
    ends.agent.send(...Array.from({ length: 201 }, () => channelOpen('session')))
    assert.deepEqual(openFailureOf(await ends.agent.next()), {
      reason: 4,
      description: 'sallyport: too many channels',
    })
    ends.agent.close()
  })

  it('has no terminal, forwards or agent without the extensions of its certificate', async () => {
    const channel = await raw.session(undefined, { extensions: {} })
    for (const type of ['pty-req', 'auth-agent-req@openssh.com', 'x11-req']) {
      channel.agent.send(channelRequest(channel.toTarget, type, true, Buffer.alloc(40)))
      assert.equal((await channel.agent.next())[0], 100, type)
    }
    channel.agent.send(directTcpip('127.0.0.1', 8080))
    assert.equal(
      openFailureOf(await channel.agent.next()).description,
      'sallyport: the certificate has no permit-port-forwarding',
    )
    await targetHearsNothing(channel)
    exec(channel, 'echo all the same')
    assert.equal((await channel.target.next())[0], 98)
    channel.agent.close()
  })
})
