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
  openFailureOf,
} from '../../support/ssh-messages.ts'

const WINDOW = 1 << 20

describe('a command of our own at a target that lies', () => {
  let target: LyingTarget

  before(async () => {
    target = await startLyingTarget()
  })
  after(() => target?.stop())

  /** Logs in and asks for a command; resolves when the target has it, with the number of its channel. */
  async function ask(): Promise<{
    peer: RawPeer
    number: number
    outcome: Promise<CommandOutcome>
    close: () => void
  }> {
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
    const outcome = runAtUpstream(transport, 'id', { timeout: 10_000, maxOutput: 4 * WINDOW })
    outcome.catch(() => {})
    const open = createReader(await peer.next())
    open.u8()
    assert.equal(open.text(), 'session')
    const number = open.u32()
    peer.send(createWriter().u8(91).u32(number).u32(0).u32(WINDOW).u32(32_768).bytes())
    assert.equal((await peer.next())[0], 98)
    return { peer, number, outcome, close: () => transport.close('the test is over') }
  }

  it('opens nothing of its own here, and its answer still comes', async () => {
    const { peer, number, outcome, close } = await ask()
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
})
