import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createWriter } from '@sallyport/keys/wire'
import { auditedDuring, besidesClosed, linesOf } from '../../support/audit.ts'
import { openBed, type Bed } from '../../support/bed.ts'
import { newKey, openMint } from '../../support/certificates.ts'
import { connectRaw, type RawPeer } from '../../support/raw-peer.ts'
import {
  channelData,
  channelMessage,
  channelOpen,
  channelRequest,
  directTcpip,
  globalRequest,
  otherMethod,
  query,
  SERVICE_USERAUTH,
  signed,
  strings,
  type UserauthFields,
} from '../../support/ssh-messages.ts'

const algorithm = 'ssh-ed25519-cert-v01@openssh.com'

const TOO_EARLY: Readonly<Record<string, Buffer>> = {
  USERAUTH_SUCCESS: Buffer.of(52),
  'CHANNEL_OPEN of a session': channelOpen('session'),
  'CHANNEL_OPEN of a jump': directTcpip('web', 22),
  GLOBAL_REQUEST: globalRequest('tcpip-forward', true, strings('127.0.0.1')),
  CHANNEL_OPEN_CONFIRMATION: createWriter().u8(91).u32(0).u32(0).u32(0).u32(0).bytes(),
  CHANNEL_DATA: channelData(0, 'id\n'),
  CHANNEL_REQUEST: channelRequest(0, 'exec', true, strings('id')),
  CHANNEL_CLOSE: channelMessage(97, 0),
  USERAUTH_PK_OK: Buffer.of(60),
  'a message of no protocol': Buffer.of(200, 1, 2, 3),
}

describe('authenticate: what may be said before it is done', () => {
  let bed: Bed
  let login: UserauthFields
  const key = newKey()

  before(async () => {
    bed = await openBed()
    const mint = await openMint(bed)
    const blob = mint.certificate({ subject: key })
    login = { username: `${bed.sshd.login}%web`, algorithm, blob }
  })
  after(async () => {
    await bed?.close()
  })

  const begin = async (): Promise<RawPeer> => {
    const peer = await connectRaw(bed.sshPort)
    peer.send(SERVICE_USERAUTH)
    assert.equal((await peer.next())[0], 6)
    return peer
  }

  for (const [title, payload] of Object.entries(TOO_EARLY)) {
    it(`ends the connection at ${title}, with the service and without`, async () => {
      const lines = await auditedDuring(bed, async () => {
        const rude = await connectRaw(bed.sshPort)
        rude.send(payload)
        assert.equal(await rude.ended(), 'expected a request for ssh-userauth')
        assert.deepEqual(rude.heard, [])
        const peer = await begin()
        peer.send(payload)
        assert.equal(await peer.ended(), 'authenticate first')
        assert.deepEqual(peer.heard, [])
      })
      assert.ok(linesOf(lines, 'connection.closed').length >= 2)
      assert.deepEqual(besidesClosed(lines), [])
    })
  }

  it('ends the connection at an unencrypted message in place of the key exchange', async () => {
    for (const payload of [Buffer.of(52), channelOpen('session'), SERVICE_USERAUTH]) {
      const socket = connect(bed.sshPort, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      const padding = 16 - ((payload.length + 5) % 8)
      const packet = createWriter()
        .u32(payload.length + 1 + padding)
        .u8(padding)
        .raw(payload)
        .raw(Buffer.alloc(padding))
      socket.write('SSH-2.0-OpenSSH_9.9 test\r\n')
      socket.write(packet.bytes())
      await once(socket, 'close')
    }
    assert.equal((await bed.ssh(['direct', 'true'])).status, 0)
  })

  it('judges requests that were sent ahead one by one, and answers in order', async () => {
    const peer = await begin()
    const wrong = signed(login, Buffer.alloc(32), key)
    peer.send(otherMethod('root', 'none'), wrong, query(login), signed(login, peer.sessionId, key))
    const answers: (number | undefined)[] = []
    while (answers.at(-1) !== 52) answers.push((await peer.next())[0])
    assert.deepEqual(answers, [51, 53, 51, 60, 52])
    peer.close()
  })

  it('gives nothing that was asked for ahead of the answer to the login', async () => {
    const peer = await begin()
    const wrong = signed(login, Buffer.alloc(32), key)
    peer.send(wrong, channelOpen('session'))
    assert.match(await peer.ended(), /authenticate first/)
    assert.deepEqual(
      peer.heard.map((payload) => payload[0]),
      [53, 51],
    )
  })

  it('ends the connection when too much is sent ahead', async () => {
    const peer = await begin()
    const request = signed(login, peer.sessionId, key)
    peer.send(request, ...Array.from({ length: 12 }, () => request))
    assert.equal(await peer.ended(), 'too many requests at once')
  })

  it('refuses none, password, keyboard-interactive and hostbased alike', async () => {
    const peer = await begin()
    const { username } = login
    for (const request of [
      otherMethod(username, 'none'),
      otherMethod(username, 'password', Buffer.concat([Buffer.of(0), strings('secret')])),
      otherMethod(username, 'keyboard-interactive', strings('', '')),
      otherMethod(username, 'hostbased', strings('ssh-rsa', '', 'h', 'u', '')),
      otherMethod(username, ''),
    ]) {
      peer.send(request)
      assert.deepEqual(
        await peer.next(),
        Buffer.concat([Buffer.of(51), strings('publickey'), Buffer.of(0)]),
      )
    }
    peer.close()
  })

  it('has no service but ssh-connection behind ssh-userauth', async () => {
    const wrong = await connectRaw(bed.sshPort)
    wrong.send(Buffer.concat([Buffer.of(5), strings('ssh-connection')]))
    assert.equal(await wrong.ended(), 'expected a request for ssh-userauth')
    const peer = await begin()
    peer.send(signed({ ...login, service: 'ssh-agent' }, peer.sessionId, key))
    assert.equal(await peer.ended(), 'no service ssh-agent')
  })

  it('ends the connection after six failed signatures', async () => {
    const peer = await begin()
    const wrong = signed(login, Buffer.alloc(32), key)
    for (let failed = 1; failed < 6; failed += 1) {
      peer.send(wrong)
      assert.deepEqual([(await peer.next())[0], (await peer.next())[0]], [53, 51])
    }
    peer.send(wrong)
    assert.equal(await peer.ended(), 'too many failed authentications')
  })

  it('ends the connection after twenty requests of any kind', async () => {
    const peer = await begin()
    for (let asked = 0; asked < 20; asked += 1) {
      peer.send(asked % 2 === 0 ? query(login) : otherMethod('root', 'none'))
      await peer.next()
    }
    peer.send(query(login))
    assert.equal(await peer.ended(), 'too many authentication requests')
  })

  it('tells a direct login of an unknown target or login why it is refused', async () => {
    const lines = await auditedDuring(bed, async () => {
      for (const [name, reason] of [
        [`${bed.sshd.login}%nowhere`, /there is no target named "nowhere"/],
        [`nobody%web`, /valid for \S+, not for "?nobody/],
        [`${bed.sshd.login}%${bed.sshd.login}%web\u001b[2J`, /^sallyport: [ -~]*\r\n$/],
      ] as const) {
        const peer = await begin()
        peer.send(signed({ ...login, username: name }, peer.sessionId, key))
        const banner = (await peer.next()).subarray(5)
        assert.match(banner.subarray(0, -4).toString(), reason)
        peer.close()
      }
    })
    assert.equal(linesOf(lines, 'authenticate.accepted').length, 0)
  })
})
