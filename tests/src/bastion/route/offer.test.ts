import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { scanHostKeys } from '@sallyport/bastion/route'
import { createReader } from '@sallyport/keys/wire'

describe('route: what is offered to a target', () => {
  it('is a strict key exchange, nothing that is weak, and the host keys that are wanted this time', async () => {
    const offers: string[][][] = []
    const server = createServer((socket) => {
      void firstPacketOf(socket).then((packet) => {
        offers.push(nameLists(packet))
        socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const target = { name: 'raw', address: '127.0.0.1', port }
    try {
      assert.deepEqual(await scanHostKeys({ target, timeout: 10_000 }), [])
    } finally {
      server.close()
    }
    for (const lists of offers) {
      assert.deepEqual(lists[0]?.slice(-2), ['ext-info-c', 'kex-strict-c-v00@openssh.com'])
      const offered = lists.flat().join(' ')
      assert.doesNotMatch(offered, /zlib|sha1|md5|cbc|arcfour|group1-|group-exchange|ssh-rsa|dss/)
    }
    assert.deepEqual(
      offers.map((lists) => lists[1]?.join()),
      [
        'ssh-ed25519',
        'ecdsa-sha2-nistp256',
        'ecdsa-sha2-nistp384',
        'ecdsa-sha2-nistp521',
        'rsa-sha2-512,rsa-sha2-256',
      ],
    )
  })
})

/** The payload of the first packet behind the identification line (RFC 4253 section 6). */
async function firstPacketOf(socket: Socket): Promise<Buffer> {
  socket.write('SSH-2.0-OpenSSH_9.9 test\r\n')
  let bytes = Buffer.alloc(0)
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer])
    const at = bytes.indexOf('\n') + 1
    if (at === 0 || bytes.length < at + 4) continue
    const length = bytes.readUInt32BE(at)
    if (bytes.length >= at + 4 + length) return bytes.subarray(at + 5, at + 4 + length)
  }
  throw new Error('it ended before its first packet')
}

/** The name lists of a KEXINIT: byte 20, 16 random bytes, ten lists (RFC 4253 section 7.1). */
function nameLists(payload: Buffer): string[][] {
  const reader = createReader(payload)
  assert.equal(reader.u8(), 20)
  for (let skipped = 0; skipped < 16; skipped += 1) reader.u8()
  return Array.from({ length: 10 }, () => reader.text().split(','))
}
