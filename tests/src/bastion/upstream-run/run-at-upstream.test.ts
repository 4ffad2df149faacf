import assert from 'node:assert/strict'
import fc from 'fast-check'
import { runAtUpstream } from '@sallyport/bastion/upstream-run'
import type { UpstreamConnection, UpstreamOutcome } from '@sallyport/bastion/upstream-run'
import { createWriter } from '@sallyport/keys/wire'

/** A connection to a target that a test plays. */
class PlayedTarget implements UpstreamConnection {
  readonly heard: Buffer[] = []
  closed: string | undefined
  #listener: ((payload: Buffer) => void) | undefined
  readonly #onClose: ((reason: string) => void)[] = []
  readonly #early: Buffer[] = []

  send(payload: Uint8Array): void {
    this.heard.push(Buffer.from(payload))
  }

  sendData(recipient: number, _dataType: number, bytes: Uint8Array): void {
    this.heard.push(createWriter().u8(94).u32(recipient).string(bytes).bytes())
  }

  listen(listener: (payload: Buffer) => void): void {
    this.#listener = listener
    for (const payload of this.#early.splice(0)) listener(payload)
  }

  unlisten(): void {
    this.#listener = undefined
  }

  onClose(callback: (reason: string) => void): void {
    this.#onClose.push(callback)
  }

  close(reason: string): void {
    this.closed ??= reason
  }

  get listenedTo(): boolean {
    return this.#listener !== undefined
  }

  /** The link is gone. */
  lose(reason: string): void {
    for (const callback of this.#onClose) callback(reason)
  }

  say(...payloads: readonly Buffer[]): void {
    for (const payload of payloads) {
      if (this.#listener === undefined) this.#early.push(payload)
      else this.#listener(payload)
    }
  }

  get types(): readonly number[] {
    return this.heard.map((payload) => payload[0] ?? 0)
  }
}

const confirmed = (window = 1 << 20, packet = 32_768): Buffer =>
  createWriter().u8(91).u32(0).u32(7).u32(window).u32(packet).bytes()
const success = createWriter().u8(99).u32(0).bytes()
const failure = createWriter().u8(100).u32(0).bytes()
const eof = createWriter().u8(96).u32(0).bytes()
const closing = createWriter().u8(97).u32(0).bytes()
const data = (text: string | Buffer): Buffer => createWriter().u8(94).u32(0).string(text).bytes()
const errors = (text: string): Buffer => createWriter().u8(95).u32(0).u32(1).string(text).bytes()
const request = (type: string, rest: Buffer, wantReply = 0): Buffer =>
  createWriter().u8(98).u32(0).string(type).u8(wantReply).raw(rest).bytes()
const exitStatus = (status: number): Buffer =>
  request('exit-status', createWriter().u32(status).bytes())
const adjust = (bytes: number): Buffer => createWriter().u8(93).u32(0).u32(bytes).bytes()

const limits = { timeout: 30_000, maxOutput: 100 }

function play(
  payloads: readonly Buffer[],
  options: Partial<Parameters<typeof runAtUpstream>[2]> = {},
): { readonly target: PlayedTarget; readonly outcome: Promise<UpstreamOutcome> } {
  const target = new PlayedTarget()
  const outcome = runAtUpstream(target, 'true', { ...limits, ...options })
  target.say(...payloads)
  return { target, outcome }
}

async function reasonOf(outcome: Promise<UpstreamOutcome>): Promise<string> {
  const settled = await outcome
  return settled.kind === 'failed' ? settled.reason : `exited with ${settled.status}`
}

describe('runAtUpstream', () => {
  it('opens a session, runs the command, and returns its status and both outputs', async () => {
    const { target, outcome } = play([
      confirmed(),
      success,
      data('out'),
      errors('err'),
      data('put'),
      eof,
      exitStatus(3),
      closing,
    ])
    assert.deepEqual(await outcome, {
      kind: 'exited',
      status: 3,
      stdout: Buffer.from('output'),
      stderr: Buffer.from('err'),
    })
    const exec = createWriter().u8(98).u32(7).string('exec').u8(1).string('true').bytes()
    assert.deepEqual(target.heard[1], exec)
    assert.deepEqual(target.types, [90, 98, 96, 97])
    assert.equal(target.closed, undefined)
    assert.equal(target.listenedTo, false)
  })

  it('runs one command after another on the same connection', async () => {
    const { target, outcome } = play([confirmed(), success, exitStatus(0), closing])
    assert.equal(await reasonOf(outcome), 'exited with 0')
    const second = runAtUpstream(target, 'id -un', limits)
    target.say(confirmed(), success, data('deploy\n'), exitStatus(0), closing)
    const settled = await second
    assert.equal(settled.kind === 'exited' && settled.stdout.toString(), 'deploy\n')
  })

  it('sends input once the command runs, as the window allows, and then its end', async () => {
    const input = Buffer.from('0123456789'.repeat(500))
    const { target, outcome } = play([confirmed(1500, 1024)], { input })
    assert.deepEqual(target.types, [90, 98])
    target.say(adjust(100))
    assert.deepEqual(target.types, [90, 98], 'it was not said yet that the command runs')
    target.say(success)
    assert.deepEqual(target.types, [90, 98, 94, 94])
    target.say(adjust(5000))
    target.say(exitStatus(0), closing)
    await outcome
    const sent = target.heard.filter((payload) => payload[0] === 94)
    assert.deepEqual(Buffer.concat(sent.map((payload) => payload.subarray(9))), input)
    assert.ok(sent.every((payload) => payload.length <= 9 + 1024))
    assert.deepEqual(target.types.slice(-2), [96, 97])
  })

  it('ends what prints more than it may, and keeps nothing of it', async () => {
    const most = play([
      confirmed(),
      success,
      data('x'.repeat(60)),
      errors('x'.repeat(40)),
      exitStatus(0),
      closing,
    ])
    assert.equal(await reasonOf(most.outcome), 'exited with 0')
    const more = play([confirmed(), success, data('x'.repeat(60)), errors('x'.repeat(41))])
    assert.equal(await reasonOf(more.outcome), 'it printed more than 100 bytes')
    assert.equal(more.target.closed, 'it printed more than 100 bytes')
  })

  it('ends what does not end', async () => {
    const { target, outcome } = play([confirmed(), success], { timeout: 20 })
    assert.equal(await reasonOf(outcome), 'it did not end in time')
    assert.equal(target.closed, 'it did not end in time')
  })

  it('says how else it came to nothing', async () => {
    const refusedOpen = createWriter().u8(92).u32(0).u32(1).string('no').string('').bytes()
    const signal = createWriter().string('KILL\u001b[2J').u8(0).string('').string('').bytes()
    for (const [payloads, reason] of [
      [[refusedOpen], 'the target opens no session'],
      [[confirmed(), failure], 'the target runs no commands'],
      [[confirmed(), success, closing], 'the target closed it without an exit status'],
      [
        [confirmed(), success, request('exit-signal', signal), closing],
        'signal "KILL\\u001b[2J" ended it',
      ],
      [[confirmed(), confirmed()], 'the target sent message 91'],
      [[success], 'the target sent message 99 for no channel'],
      [
        [confirmed(), createWriter().u8(94).u32(1).string('x').bytes()],
        'the target named another channel',
      ],
    ] as const) {
      const { outcome } = play(payloads)
      assert.equal(await reasonOf(outcome), reason)
    }
    const lost = play([confirmed()])
    lost.target.lose('gone')
    assert.equal(await reasonOf(lost.outcome), 'the target ended the connection: "gone"')
  })

  it('opens nothing for the target and grants it nothing', async () => {
    const { target, outcome } = play([
      confirmed(),
      createWriter().u8(80).string('hostkeys-00@openssh.com').u8(0).bytes(),
      createWriter().u8(80).string('keepalive@openssh.com').u8(1).bytes(),
      createWriter().u8(90).string('x11').u32(4).u32(1).u32(1).bytes(),
      request('keepalive@openssh.com', Buffer.alloc(0), 1),
      success,
      exitStatus(0),
      closing,
    ])
    assert.equal(await reasonOf(outcome), 'exited with 0')
    assert.deepEqual(target.types, [90, 98, 82, 92, 100, 96, 97])
  })

  it('settles, and never throws, whatever the target sends', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        confirmed(),
        success,
        failure,
        eof,
        closing,
        exitStatus(0),
        data('x'),
        adjust(9),
      ),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (payloads) => {
        const { target, outcome } = play(payloads)
        target.lose('the end')
        const settled = await outcome
        assert.ok(settled.kind === 'failed' || settled.stdout.length <= limits.maxOutput)
        assert.equal(target.listenedTo, false)
      }),
    )
  })
})
