import { strict as assert } from 'node:assert'
import { runAtUpstream, type CommandOutcome } from '@sallyport/bastion/errand'
import { connectUpstream } from '@sallyport/bastion/route'
import { parsePublicKeyLine, publicKeyFrom, signData } from '@sallyport/keys/publickey'
import { createReader, createWriter } from '@sallyport/keys/wire'
import { newKey } from '../../support/certificates.ts'
import { startLyingTarget, type LyingTarget } from '../../support/lying-target.ts'
import type { RawPeer } from '../../support/raw-peer.ts'
import {
  channelData,
  channelMessage,
  channelOpen,
  channelRequest,
  globalRequest,
  openFailureOf,
} from '../../support/ssh-messages.ts'

const WINDOW = 1 << 20

describe('a command of our own at a target that lies', () => {
  let target: LyingTarget

  before(async () => {
    target = await startLyingTarget()
  })
  after(() => target?.stop())

  interface Asked {
    readonly peer: RawPeer
    /** Of the channel. */
    readonly number: number
    readonly outcome: Promise<CommandOutcome>
    readonly confirm: () => void
    readonly close: () => void
  }

  /** Logs in and asks for a channel; resolves when the target has heard of it. */
  async function ask(timeout = 10_000): Promise<Asked> {
    const key = newKey()
    const pinned = parsePublicKeyLine(target.hostKeyLine)
    const transport = await connectUpstream({
      route: {
        target: { name: 'liar', address: '127.0.0.1', port: target.port, labels: {}, logins: [] },
        login: { login: 'deploy', key: 'web' },
      },
      signer: { publicKey: publicKeyFrom(key), sign: (data) => signData(key, data), close() {} },
      trust: { algorithms: [pinned.type], check: () => ({ kind: 'pinned' }) },
      timeout: 10_000,
      signal: new AbortController().signal,
    })
    const peer = await target.connection()
    const outcome = runAtUpstream(transport, 'id', { timeout, maxOutput: 4 * WINDOW })
    outcome.catch(() => {})
    const open = createReader(await peer.next())
    open.u8()
    assert.equal(open.text(), 'session')
    const number = open.u32()
    const confirm = (): void =>
      peer.send(createWriter().u8(91).u32(number).u32(0).u32(WINDOW).u32(32_768).bytes())
    return { peer, number, outcome, confirm, close: () => transport.close('the test is over') }
  }

  /** The same, and the target has the command. */
  async function begin(): Promise<Asked> {
    const asked = await ask()
    asked.confirm()
    assert.equal((await asked.peer.next())[0], 98)
    return asked
  }

  it('opens nothing of its own here, and its answer still comes', async () => {
    const { peer, number, outcome, close } = await begin()
    for (const type of ['session', 'x11', 'auth-agent@openssh.com']) {
      peer.send(channelOpen(type))
      let answer = await peer.next()
      if (answer[0] === 96) answer = await peer.next()
      assert.equal(answer[0], 92)
      assert.equal(openFailureOf(answer).reason, 1)
    }
    peer.send(
      channelData(number, 'uid=0\n'),
      channelRequest(number, 'exit-status', false, createWriter().u32(0).bytes()),
      channelMessage(97, number),
    )
    const { status, stdout } = await outcome
    assert.deepEqual([status, stdout.toString()], [0, 'uid=0\n'])
    close()
  })

  it('does not run when the channel comes after it was given up', async () => {
    const { peer, outcome, confirm, close } = await ask(50)
    await assert.rejects(outcome, /took longer/)
    confirm()
    assert.equal((await peer.next())[0], 97)
    peer.send(globalRequest('keepalive@openssh.com', true))
    assert.equal((await peer.next())[0], 82)
    close()
  })

  it('is not run twice when its channel is confirmed twice', async () => {
    const { peer, outcome, confirm } = await begin()
    confirm()
    await assert.rejects(outcome, /lost: it opened a channel twice/)
    assert.deepEqual(
      peer.heard.map(([type]) => type).filter((type) => type === 98),
      [],
    )
  })

  it('answers a target that asks on its channel whether it is still there', async () => {
    const { peer, number, close } = await begin()
    peer.send(channelRequest(number, 'keepalive@openssh.com', true))
    let answer = await peer.next()
    if (answer[0] === 96) answer = await peer.next()
    assert.equal(answer[0], 100)
    close()
  })

  it('ends when the target asks on and on', async () => {
    const { peer, outcome } = await begin()
    peer.send(...Array.from({ length: 1001 }, () => globalRequest('x', true)))
    await assert.rejects(outcome, /lost: it asks on and on/)
  })
})
