import { strict as assert } from 'node:assert'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { connectUpstream } from '@sallyport/bastion/route'
import { signCertificate } from '@sallyport/keys/certificate'
import { publicKeyFrom, signData } from '@sallyport/keys/publickey'
import { createReader } from '@sallyport/keys/wire'
import { newKey } from '../../support/certificates.ts'
import { EngineClass, engineReady, OFFER } from '../../support/ssh-engine.ts'

const SUFFIX = '-cert-v01@openssh.com'

/** What a server does in the key exchange: honest ones show a certificate and sign with its key. */
interface Server {
  readonly algorithm: string
  readonly shows: Buffer
  readonly signs: KeyObject
  /** The algorithm that its signature names, and signs with when it can. */
  readonly names: string
}

/** Returns whether the key exchange was proven, and what the connection ended with. */
async function proves(server: Server): Promise<{ readonly proven: boolean; readonly end: string }> {
  await engineReady
  const listener = createServer({ noDelay: true }, (socket) => {
    const engine = new EngineClass({
      server: true,
      ident: Buffer.from('OpenSSH_9.9 test'),
      offer: { ...OFFER, serverHostKey: [server.algorithm] },
      hostKeys: {
        [server.algorithm]: {
          type: server.algorithm,
          getPublicSSH: () => server.shows,
          sign: (bytes) => {
            // The one place from which the engine takes the name that it writes before a signature.
            Object.assign(negotiatedOf(engine), { serverHostKey: server.names })
            const rsa = server.signs.asymmetricKeyType === 'rsa'
            const algorithm =
              rsa && server.names === 'rsa-sha2-512'
                ? server.names
                : rsa
                  ? 'rsa-sha2-256'
                  : undefined
            const reader = createReader(signData(server.signs, bytes, algorithm))
            reader.string()
            return reader.string()
          },
        },
      },
      messageHandlers: {},
      onWrite: (packet) => socket.write(packet),
      onError: () => socket.destroy(),
      onHeader: () => {},
      onHandshakeComplete: () => socket.end(),
    })
    socket.on('data', (bytes) => {
      try {
        engine.parse(bytes, 0, bytes.length)
      } catch {
        // The client has given up and says so in the clear.
        socket.destroy()
      }
    })
    socket.on('error', () => {})
    engine.start?.()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  assert.ok(address !== null && typeof address !== 'string')
  const key = newKey()
  let proven = false
  try {
    await connectUpstream({
      route: {
        target: { name: 'web', address: '127.0.0.1', port: address.port, labels: {}, logins: [] },
        login: { login: 'deploy', key: 'k' },
      },
      signer: {
        publicKey: publicKeyFrom(key),
        sign: (bytes, algorithm) => signData(key, bytes, algorithm),
        close: () => {},
      },
      trust: {
        algorithms: [server.algorithm],
        check: () => ({ kind: 'pinned' }),
        proven: () => {
          proven = true
        },
      },
      timeout: 10_000,
      signal: new AbortController().signal,
    })
    return { proven, end: 'logged in' }
  } catch (error) {
    return { proven, end: error instanceof Error ? error.message : '' }
  } finally {
    listener.close()
  }
}

function negotiatedOf(engine: object): object {
  const { negotiated } = (engine as { _kex: { negotiated: object } })._kex
  return negotiated
}

describe('a target that shows a host certificate', () => {
  const authority = newKey()
  const host = newKey()
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

  const certificate = (key: KeyObject): Buffer => {
    const spec = {
      type: 'host',
      subject: publicKeyFrom(key),
      serial: 1n,
      keyId: 'x',
      validPrincipals: ['web'],
      validAfter: 0n,
      validBefore: 1n << 40n,
    } as const
    const signer = {
      publicKey: publicKeyFrom(authority),
      sign: (bytes: Buffer) => signData(authority, bytes),
    }
    return signCertificate(spec, signer).blob
  }
  const honest: Server = {
    algorithm: `ssh-ed25519${SUFFIX}`,
    shows: certificate(host),
    signs: host,
    names: 'ssh-ed25519',
  }
  const honestRsa: Server = {
    algorithm: `rsa-sha2-256${SUFFIX}`,
    shows: certificate(rsa),
    signs: rsa,
    names: 'rsa-sha2-256',
  }

  it('proves that it holds the key of the certificate', async () => {
    for (const server of [honest, honestRsa]) assert.equal((await proves(server)).proven, true)
  })

  for (const [title, server] of [
    ['that another key signs for', { ...honest, signs: newKey() }],
    ['that the authority itself signs for', { ...honest, signs: authority }],
    ['and names its type as the signature', { ...honest, names: `ssh-ed25519${SUFFIX}` }],
    ['of another type than was agreed on', { ...honest, shows: certificate(rsa), signs: rsa }],
    ['that is a plain key', { ...honest, shows: publicKeyFrom(host).blob }],
    ['that is cut short', { ...honest, shows: honest.shows.subarray(0, -1) }],
    ['and signs with another hash than was agreed on', { ...honestRsa, names: 'rsa-sha2-512' }],
    ['and names SHA-1', { ...honestRsa, algorithm: `ssh-rsa${SUFFIX}`, names: 'rsa-sha2-256' }],
  ] as const) {
    it(`is refused with one ${title}`, async () => {
      const { proven, end } = await proves(server)
      assert.equal(proven, false)
      assert.match(end, /target web could not be reached: /)
    })
  }
})
