import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createReader, createWriter } from '@sallyport/keys/wire'
import { openBed, type Bed } from '../../support/bed.ts'

/** A packet before any key exchange: length, padding length, payload, padding (RFC 4253 section 6). */
function plainPacket(payload: Buffer): Buffer {
  const padding = 16 - ((payload.length + 5) % 8)
  return createWriter()
    .u32(payload.length + 1 + padding)
    .u8(padding)
    .raw(payload)
    .raw(Buffer.alloc(padding))
    .bytes()
}

function keyExchangeInit(kex: string): Buffer {
  const writer = createWriter().u8(20).raw(Buffer.alloc(16))
  const lists = [kex, 'ssh-ed25519', 'aes128-gcm@openssh.com', 'aes128-gcm@openssh.com']
  for (const list of [...lists, 'hmac-sha2-256', 'hmac-sha2-256', 'none', 'none', '', '']) {
    writer.string(list)
  }
  return writer.u8(0).u32(0).bytes()
}

describe('accept: the handshake', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed()
  })
  after(async () => {
    await bed?.close()
  })

  const open = async (): Promise<{ socket: Socket; first: Buffer }> => {
    const socket = connect(bed.sshPort, '127.0.0.1')
    socket.on('error', () => {})
    let first = Buffer.alloc(0)
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.on('data', (bytes: Buffer) => {
      first = Buffer.concat([first, bytes])
      const line = first.indexOf('\n') + 1
      const complete = line > 0 && first.length >= line + 4
      if (complete && first.length >= line + 4 + first.readUInt32BE(line)) resolve()
    })
    await once(socket, 'connect')
    socket.write('SSH-2.0-OpenSSH_9.9 test\r\n')
    await promise
    return { socket, first }
  }

  it('offers a strict key exchange, and nothing that is weak', async () => {
    const { socket, first } = await open()
    socket.destroy()
    const line = first.indexOf('\n') + 1
    assert.match(first.subarray(0, line).toString(), /^SSH-2\.0-OpenSSH_\S+ Sallyport\r\n$/)
    const reader = createReader(first.subarray(line + 5))
    assert.equal(reader.u8(), 20)
    for (let skipped = 0; skipped < 16; skipped += 1) reader.u8()
    const lists = Array.from({ length: 8 }, () => reader.text().split(','))
    assert.ok(lists[0]?.includes('kex-strict-s-v00@openssh.com'))
    const offered = lists.flat().join(' ')
    assert.doesNotMatch(offered, /zlib|sha1|md5|cbc|arcfour|group1-|group-exchange|ssh-rsa|ssh-dss/)
    assert.deepEqual(lists.slice(6), [['none'], ['none']])
  })

  it('ends a strict key exchange with a message slipped in between (CVE-2023-48795)', async () => {
    const { socket } = await open()
    const ended = once(socket, 'close')
    const ignore = createWriter().u8(2).string('slipped in').bytes()
    socket.write(plainPacket(keyExchangeInit('curve25519-sha256,kex-strict-c-v00@openssh.com')))
    socket.write(plainPacket(ignore))
    await ended
    assert.equal((await bed.ssh(['direct', 'true'])).status, 0)
  })

  it('ends a connection that speaks another protocol, or a packet of any size', async () => {
    const huge = Buffer.alloc(64)
    huge.writeUInt32BE(0x7fffffff, 0)
    const tiny = Buffer.alloc(64)
    for (const bytes of [huge, tiny, Buffer.alloc(4096, 0xff)]) {
      const { socket } = await open()
      const ended = once(socket, 'close')
      socket.write(bytes)
      await ended
    }
    for (const text of [
      'GET / HTTP/1.1\r\n\r\n',
      `${'x'.repeat(100_000)}`,
      'SSH-1.5-old\r\n',
      'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n',
    ]) {
      const socket = connect(bed.sshPort, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      const ended = once(socket, 'close')
      socket.write(text)
      const outcome = await Promise.race([
        ended.then(() => 'ended'),
        new Promise((resolve) => setTimeout(resolve, 3000, 'open').unref()),
      ])
      socket.destroy()
      assert.equal(outcome, 'ended', text.slice(0, 20))
    }
    assert.equal((await bed.ssh(['direct', 'true'])).status, 0)
  })
})
