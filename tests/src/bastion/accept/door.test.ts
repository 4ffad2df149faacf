import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { linesOf } from '../../support/audit.ts'
import { openBed, type Bed } from '../../support/bed.ts'

/** Connects and then says nothing, or what it is given, byte by byte. */
async function stall(port: number, localAddress: string, drip = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  let at = 0
  const timer = setInterval(() => {
    if (at < drip.length) socket.write(drip[at++] ?? '')
  }, 50)
  socket.on('close', () => clearInterval(timer))
  return socket
}

describe('accept: connections that never log in', () => {
  let bed: Bed
  const open: Socket[] = []

  before(async () => {
    bed = await openBed({ config: 'limits: { loginGrace: 20 }' })
  })
  after(async () => {
    for (const socket of open) socket.destroy()
    await bed?.close()
  })

  it('lets a good login pass a thousand stalled connections from many addresses', async () => {
    for (let batch = 0; batch < 20; batch += 1) {
      const sockets = await Promise.all(
        Array.from({ length: 50 }, (_, index) => stall(bed.sshPort, `127.1.${batch}.${index + 1}`)),
      )
      open.push(...sockets)
    }
    const started = Date.now()
    const { status, stdout, stderr } = await bed.ssh(['direct', 'echo through'])
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'through\n' }, stderr)
    assert.ok(Date.now() - started < 10_000)
    const lines = await bed.audit()
    // The door holds 128: the oldest went as others came.
    assert.ok(linesOf(lines, 'accept.evicted').length >= 1000 - 128)
    const files = await readdir(`/proc/${bed.pid}/fd`)
    assert.ok(files.length < 128 + 64, `${files.length} files are open`)
  })

  it('lets a good login pass when one address has taken all it may', async () => {
    for (const socket of open.splice(0)) socket.destroy()
    await sleep(200)
    const sockets = await Promise.all(
      Array.from({ length: 60 }, () => stall(bed.sshPort, '127.2.0.1')),
    )
    open.push(...sockets)
    await sleep(100)
    const refused = linesOf(await bed.audit(), 'accept.refused')
    assert.equal(refused.length, 60 - 32)
    assert.equal(refused[0]?.['clientAddress'], '127.2.0.1')
    assert.match(String(refused[0]?.['reason']), /^32 connections of this address/)
    assert.equal((await bed.ssh(['web', 'true'])).status, 0)
  })
})

describe('accept: the login grace', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed({ config: 'limits: { loginGrace: 3 }' })
  })
  after(async () => {
    await bed?.close()
  })

  const lasts = async (socket: Socket): Promise<number> => {
    const started = Date.now()
    await once(socket, 'close')
    return Date.now() - started
  }

  it('ends a connection that says nothing', async () => {
    const took = await lasts(await stall(bed.sshPort, '127.0.0.1'))
    assert.ok(took >= 2900 && took < 20_000, `${took} ms`)
  })

  it('ends a connection that says one byte at a time', async () => {
    const took = await lasts(await stall(bed.sshPort, '127.0.0.1', `SSH-2.0-${'x'.repeat(200)}`))
    assert.ok(took >= 2900 && took < 20_000, `${took} ms`)
    const [line] = linesOf(await bed.audit(), 'accept.grace-expired')
    assert.equal(line?.['clientAddress'], '127.0.0.1')
  })

  it('ends a jump whose inner connection never logs in, and no session that did', async () => {
    const running = bed.ssh(['web', 'sleep 5; echo long'])
    const started = Date.now()
    await bed.sh(`ssh -F $C -W web:22 bastion < <(sleep 60 2> /dev/null) > banner`)
    assert.ok(Date.now() - started < 30_000, `${Date.now() - started} ms`)
    assert.match((await bed.sh('cat banner')).stdout, /^SSH-2\.0-OpenSSH_/)
    assert.equal((await running).stdout, 'long\n')
  })
})
