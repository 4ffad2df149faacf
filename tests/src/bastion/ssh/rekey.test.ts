import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { runAtUpstream } from '@sallyport/bastion/errand'
import { connectUpstream } from '@sallyport/bastion/route'
import { parsePublicKeyLine, publicKeyFrom, signData } from '@sallyport/keys/publickey'
import { createReader, createWriter } from '@sallyport/keys/wire'
import { newKey } from '../../support/certificates.ts'
import { startLyingTarget, type LyingTarget } from '../../support/lying-target.ts'
import { channelMessage, channelRequest } from '../../support/ssh-messages.ts'

/** Passes on what a target says, once `drips` says so byte by byte, so that no packet comes whole. */
async function startDripper(
  port: number,
  sockets: Set<Socket>,
  drips: () => boolean,
): Promise<Server> {
  const drip = async (far: Socket, near: Socket): Promise<void> => {
    for await (const bytes of far as AsyncIterable<Buffer>) {
      const size = drips() ? 1 : bytes.length
      for (let at = 0; at < bytes.length; at += size) {
        near.write(bytes.subarray(at, at + size))
        await turn()
      }
    }
  }
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    near.pipe(far)
    drip(far, near).catch(() => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe('a key exchange in the middle of a connection', () => {
  const sockets = new Set<Socket>()
  let drips = false
  let target: LyingTarget
  let dripper: Server

  before(async () => {
    target = await startLyingTarget()
    dripper = await startDripper(target.port, sockets, () => drips)
  })
  after(async () => {
    for (const socket of sockets) socket.destroy()
    dripper?.close()
    await target?.stop()
  })

  it('succeeds although its packets come in parts', async () => {
    const key = newKey()
    const { type } = parsePublicKeyLine(target.hostKeyLine)
    const { port } = dripper.address() as AddressInfo
    const transport = await connectUpstream({
      route: {
        target: { name: 'slow', address: '127.0.0.1', port, labels: {}, logins: [] },
        login: { login: 'deploy', key: 'web' },
      },
      signer: { publicKey: publicKeyFrom(key), sign: (data) => signData(key, data), close() {} },
      trust: { algorithms: [type], check: () => ({ kind: 'pinned' }) },
      timeout: 20_000,
      signal: new AbortController().signal,
    })
    const peer = await target.connection()
    const outcome = runAtUpstream(transport, 'id', { timeout: 20_000, maxOutput: 1024 })
    outcome.catch(() => {})
    const open = createReader(await peer.next())
    open.u8()
    open.text()
    const number = open.u32()
    drips = true
    peer.rekey()
    peer.send(
      createWriter().u8(91).u32(number).u32(0).u32(1024).u32(1024).bytes(),
      channelRequest(number, 'exit-status', false, createWriter().u32(7).bytes()),
      channelMessage(97, number),
    )
    assert.equal((await outcome).status, 7)
    transport.close('the test is over')
  })
})
