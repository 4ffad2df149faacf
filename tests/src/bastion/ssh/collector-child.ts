import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'

/**
 * Makes and forgets ciphers while bytes arrive from a socket: the collector then comes when no JavaScript runs. It says
 * `alive` if it is, in the end.
 */
const require = createRequire(import.meta.url)
const crypto = require('ssh2/lib/protocol/crypto.js') as {
  readonly init: Promise<void>
  readonly CIPHER_INFO: Readonly<Record<string, unknown>>
  createCipher(config: unknown): unknown
  createDecipher(config: unknown): unknown
}
await crypto.init

const BYTES = 256 << 20
const common = { seqno: 0, onPayload: () => {}, onWrite: () => {} }

function makeCiphers(name: string): void {
  const key = Buffer.alloc(16)
  const iv = Buffer.alloc(12)
  const info = crypto.CIPHER_INFO[name]
  crypto.createCipher({ outbound: { ...common, cipherInfo: info, cipherKey: key, cipherIV: iv } })
  crypto.createDecipher({
    inbound: { ...common, decipherInfo: info, decipherKey: key, decipherIV: iv },
  })
}

const server = createServer((socket) => socket.resume())
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const socket = connect(address.port, '127.0.0.1')
  const piece = Buffer.alloc(64 << 10)
  let sent = 0
  const more = (): void => {
    for (let count = 0; count < 100; count += 1) makeCiphers('aes128-gcm@openssh.com')
    sent += piece.length
    if (sent < BYTES) return void socket.write(piece, more)
    console.log('alive')
    process.exit(0)
  }
  more()
})
