import { strict as assert } from 'node:assert'
import type { Decision } from '@sallyport/bastion/decide'
import { runAtTarget, type CommandSink } from '@sallyport/bastion/relay'
import { channelData, channelMessage, channelRequest, strings } from '../../support/ssh-messages.ts'
import { confirmAtTarget, openRig, type Rig } from './rig.ts'

const DATA = 94
const ADJUST = 93
const EOF = 96
const CLOSE = 97
const REQUEST = 98
const SUCCESS = 99

const nothing: Decision = { effect: 'deny', rule: 'default', message: 'no', reason: 'no' }

/** Runs `send` at the target, and notes what comes of it; `taken` says that the first output is gone. */
function run(
  rig: Rig,
  send: string,
): { seen: string[]; taken: (() => void)[] } & {
  command: ReturnType<typeof runAtTarget>
} {
  const seen: string[] = []
  const taken: (() => void)[] = []
  const sink: CommandSink = {
    output: (dataType, bytes, gone) => {
      seen.push(`${dataType} ${bytes.toString()}`)
      taken.push(gone)
    },
    drained: () => {},
    ended: (ending) => seen.push(JSON.stringify(ending)),
  }
  return { seen, taken, command: runAtTarget(rig.relay, Buffer.from(send), sink) }
}

describe('relay: a command of its own', () => {
  it('is sent as it is, fed, signalled, heard, and ends with its status', async () => {
    const rig = openRig({ decide: () => nothing })
    const { seen, command } = run(rig, "'cat'")
    const channel = confirmAtTarget(rig.target)
    const start = rig.target.next(REQUEST)
    assert.ok(start.includes(strings('exec')) && start.includes(strings("'cat'")))
    rig.target.say(channelMessage(SUCCESS, channel))
    command.write(Buffer.from('input'))
    assert.ok(command.accepts)
    assert.ok(rig.target.next(DATA).includes('input'))
    command.signal('INT')
    assert.ok(rig.target.next(REQUEST).includes(strings('INT')))
    command.endInput()
    rig.target.next(EOF)
    rig.target.say(channelData(channel, 'output'))
    rig.target.say(channelRequest(channel, 'exit-status', false, Buffer.of(0, 0, 0, 3)))
    rig.target.say(channelMessage(EOF, channel))
    rig.target.say(channelMessage(CLOSE, channel))
    await Promise.resolve()
    assert.deepEqual(seen, ['0 output', '{"kind":"status","status":3}'])
    rig.target.next(CLOSE)
    assert.equal(rig.relay.channels.size, 0)
    assert.deepEqual(rig.agent.heard, [])
  })

  it('lets the target send on only what was taken', () => {
    const rig = openRig({ decide: () => nothing })
    const { taken } = run(rig, "'yes'")
    const channel = confirmAtTarget(rig.target)
    rig.target.next(REQUEST)
    rig.target.say(channelMessage(SUCCESS, channel))
    const block = Buffer.alloc(32_768, 'y')
    for (let sent = 0; sent < 256 << 10; sent += block.length) {
      rig.target.say(channelData(channel, block))
    }
    assert.deepEqual(rig.target.heard, [])
    for (const gone of taken.splice(0)) gone()
    assert.ok(rig.target.heard.some((message) => message[0] === ADJUST))
    assert.equal(rig.target.ended(), undefined)
  })

  it('ends the connection of a target that sends more', () => {
    const rig = openRig({ decide: () => nothing })
    run(rig, "'yes'")
    const channel = confirmAtTarget(rig.target)
    rig.target.say(channelMessage(SUCCESS, channel))
    const block = Buffer.alloc(32_768, 'y')
    for (let sent = 0; sent <= 256 << 10; sent += block.length) {
      rig.target.say(channelData(channel, block))
    }
    assert.match(rig.target.ended() ?? '', /the target sent more than its window/)
  })

  it('is lost when the target refuses it, closes without a status, or is gone', async () => {
    for (const end of [
      (rig: Rig) => {
        const open = rig.target.next(90)
        const failure = Buffer.concat([Buffer.of(92), Buffer.alloc(8), strings('no', '')])
        failure.writeUInt32BE(open.readUInt32BE(5 + open.readUInt32BE(1)), 1)
        rig.target.say(failure)
      },
      (rig: Rig) => rig.target.say(channelMessage(CLOSE, confirmAtTarget(rig.target))),
      (rig: Rig) => rig.relay.violation('a test'),
    ]) {
      const rig = openRig({ decide: () => nothing })
      const { seen } = run(rig, "'true'")
      end(rig)
      await Promise.resolve()
      assert.equal(seen.length, 1)
      assert.match(seen[0] ?? '', /"kind":"lost"/)
      assert.equal(rig.relay.channels.size, 0)
    }
  })

  it('is given up when nobody wants it any more', async () => {
    const rig = openRig({ decide: () => nothing })
    const { seen, command } = run(rig, "'sleep' '100'")
    const channel = confirmAtTarget(rig.target)
    rig.target.next(REQUEST)
    command.close()
    assert.deepEqual(seen, ['{"kind":"lost","reason":"given up"}'])
    rig.target.next(CLOSE)
    rig.target.say(channelMessage(CLOSE, channel))
    await Promise.resolve()
    assert.equal(rig.relay.channels.size, 0)
  })

  it('is refused beyond the number of channels', async () => {
    const rig = openRig({ decide: () => nothing })
    const runs = Array.from({ length: 11 }, () => run(rig, "'true'"))
    await Promise.resolve()
    assert.deepEqual(runs.at(-1)?.seen, ['{"kind":"lost","reason":"too many channels"}'])
    assert.equal(rig.relay.channels.size, 10)
  })
})
