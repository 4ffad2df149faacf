import { strict as assert } from 'node:assert'
import { createWriter } from '@sallyport/keys/wire'
import { linesOf } from '../../support/audit.ts'
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
  openFailureOf,
  SERVICE_USERAUTH,
  signed,
  strings,
} from '../../support/ssh-messages.ts'

describe('route: what a certificate reaches', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed()
    await bed.certify('bare', { kind: 'bare', sub: 'acme/bare' })
    await bed.sh(`sed "s#${bed.folder}/id#${bed.folder}/bare#" $C > bare`)
  })
  after(async () => {
    await bed?.close()
  })

  const refused = async (script: string, reason: RegExp): Promise<void> => {
    const { status, stdout, stderr } = await bed.sh(script)
    assert.equal(stdout, '')
    assert.notEqual(status, 0)
    assert.match(stderr, reason)
  }

  for (const [title, to, reason] of [
    ['an IP address', '127.0.0.1:22', /sallyport: there is no target named "127\.0\.0\.1"/],
    ['a name of this machine', 'localhost:22', /sallyport: there is no target named "localhost"/],
    ['metadata of a cloud', '169.254.169.254:80', /there is no target named "169\.254\.169\.254"/],
    ['a target on another port', 'web:8080', /sallyport: target web is not reached on port 8080/],
    [
      'a target by an escape',
      '$(printf "web\\033[2J"):22',
      /sallyport: there is no target named "web\\u001b\[2J"|there is no target/,
    ],
  ] as const) {
    it(`jumps not to ${title}, and says why`, async () => {
      await refused(`ssh -F $C -W "${to}" bastion < /dev/null`, reason)
    })
  }

  it('jumps not to a port of the bastion itself', async () => {
    await refused(
      `ssh -F $C -W 127.0.0.1:${bed.sshPort} bastion < /dev/null`,
      /administratively prohibited/,
    )
    await refused(`ssh -F $C -W bastion:${bed.sshPort} bastion < /dev/null`, /no target named/)
  })

  it('has nothing on the outer hop but jumps', async () => {
    await refused('ssh -F $C bastion true', /only ssh -J to a target is served here/)
    await refused('ssh -F $C -s bastion sftp', /only ssh -J to a target is served here/)
    await refused(
      'ssh -F $C -N -o ExitOnForwardFailure=yes -R 127.0.0.1:0:127.0.0.1:1 bastion',
      /remote port forwarding failed/,
    )
  })

  it('says at once when a target cannot be reached or is not who it should be', async () => {
    await refused(
      'ssh -F $C gone true',
      /sallyport: target gone could not be reached: ECONNREFUSED/,
    )
    // What is behind it is for admins alone.
    const said = linesOf(await bed.audit(), 'route.refused').at(-1)
    assert.equal(said?.['reason'], 'target gone could not be reached: ECONNREFUSED')
    assert.equal(said['cause'], 'connect ECONNREFUSED 127.0.0.1:1')
    await refused(
      'ssh -F $C liar true',
      /sallyport: target liar is not who it should be: its host key is SHA256:\S+, pinned is SHA256:/,
    )
    await refused('ssh -F $C unknown true', /sallyport: there is no target named "unknown"/)
  })

  it('never shows an agent the address of a target', async () => {
    const { stderr } = await bed.sh('ssh -F $C gone true; ssh -F $C liar true')
    assert.doesNotMatch(stderr.replaceAll(/^.*Connection closed.*$/gm, ''), /127\.0\.0\.1/)
  })

  it('refuses -J without permit-port-forwarding, with the reason', async () => {
    await refused(
      'ssh -F bare web true',
      /sallyport: the certificate has no permit-port-forwarding/,
    )
  })

  it('gives no terminal without permit-pty, and runs the command all the same', async () => {
    // With -tt OpenSSH itself gives up when it gets none.
    await refused('ssh -F bare -tt direct tty', /PTY allocation request failed on channel 0/)
    const { status, stdout } = await bed.sh('ssh -F bare direct tty < /dev/null')
    assert.deepEqual({ status, stdout }, { status: 1, stdout: 'not a tty\n' })
  })

  it('reaches only the targets that the certificate was narrowed to', async () => {
    const subject = await bed.issuer.token({ sub: 'acme/shop', kind: 'agent' })
    const { stdout } = await bed.sh(
      `ssh-keygen -q -t ed25519 -N '' -f narrow
       curl -sf -H 'Accept: text/plain' ${bed.httpUrl}/oauth2/token \
         -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange -d subject_token=$T \
         -d subject_token_type=urn:ietf:params:oauth:token-type:jwt -d resource=gone -d resource=liar \
         --data-urlencode "ssh_public_key=$(cat narrow.pub)" > narrow-cert.pub
       sed "s#${bed.folder}/id#$D/narrow#" $C > narrow.conf; echo made`,
      { env: { T: subject } },
    )
    assert.equal(stdout, 'made\n')
    await refused('ssh -F narrow.conf web true', /sallyport: the certificate is not for target web/)
    await refused('ssh -F narrow.conf direct true', /the certificate is not for target web/)
    await refused('ssh -F narrow.conf gone true', /target gone could not be reached/)
  })
})

describe('route: the outer hop, message by message', () => {
  let bed: Bed
  let enter: () => Promise<RawPeer>

  before(async () => {
    bed = await openBed()
    const mint = await openMint(bed)
    const subject = newKey()
    const blob = mint.certificate({ subject })
    const username = bed.sshd.login
    const algorithm = 'ssh-ed25519-cert-v01@openssh.com'
    enter = async () => {
      const peer = await connectRaw(bed.sshPort)
      peer.send(SERVICE_USERAUTH, signed({ username, algorithm, blob }, peer.sessionId, subject))
      assert.deepEqual([(await peer.next())[0], (await peer.next())[0]], [6, 52])
      return peer
    }
  })
  after(async () => {
    await bed?.close()
  })

  it('refuses channels, requests and everything else', async () => {
    const peer = await enter()
    for (const type of ['session', 'x11', 'direct-streamlocal@openssh.com', '']) {
      peer.send(channelOpen(type))
      assert.equal(openFailureOf(await peer.next()).reason, 3)
    }
    for (const type of ['tcpip-forward', 'x', '']) {
      peer.send(globalRequest(type, true))
      assert.equal((await peer.next())[0], 82)
    }
    peer.send(directTcpip('web', 22))
    const open = await peer.next()
    assert.equal(open[0], 91)
    peer.send(channelRequest(open.readUInt32BE(5), 'exec', true, strings('id')))
    while ((await peer.next())[0] !== 100);
    peer.close()
  })

  it('ends the connection at a message that has no place there', async () => {
    for (const [payload, reason] of [
      [channelData(9, 'x'), /message 94 for no channel/],
      [channelMessage(99, 0), /message 99 for no channel/],
      [Buffer.of(94), /outside buffer bounds|out of range|access beyond/],
      [Buffer.of(90, 0, 0), /expected at offset/],
      [Buffer.of(52), /./],
    ] as const) {
      const peer = await enter()
      peer.send(payload)
      assert.match(await peer.ended(), reason)
    }
  })

  it('ends the connection at a packet size that would make it write for ever', async () => {
    for (const size of [0, 1, 1023]) {
      const peer = await enter()
      const rest = createWriter().string('web').u32(22).string('127.0.0.1').u32(1).bytes()
      const open = createWriter()
        .u8(90)
        .string('direct-tcpip')
        .u32(0)
        .u32(2 << 20)
        .u32(size)
      peer.send(open.raw(rest).bytes())
      assert.match(await peer.ended(), /a maximum packet size that is too small/)
    }
    assert.equal((await fetch(`${bed.httpUrl}/healthz`)).status, 200)
  })

  it('ends the connection of who asks again and again for what is refused', async () => {
    const peer = await enter()
    peer.send(...Array.from({ length: 1000 }, () => channelOpen('session')))
    assert.match(await peer.ended(), /too many channels that are refused/)
  })

  it('cuts off a jump that brings more than its window, and no other', async () => {
    const peer = await enter()
    const jump = async (): Promise<{ number: number; window: number }> => {
      peer.send(directTcpip('web', 22))
      let open = await peer.next()
      while (open[0] !== 91) open = await peer.next()
      return { number: open.readUInt32BE(5), window: open.readUInt32BE(9) }
    }
    const { number, window } = await jump()
    for (let sent = 0; sent <= window; sent += 32_768) {
      peer.send(channelData(number, Buffer.alloc(32_768)))
    }
    while ((await peer.next())[0] !== 97);
    assert.notEqual((await jump()).number, number)
    peer.close()
  })

  it('refuses the 51st jump through one connection', async () => {
    const peer = await enter()
    peer.send(...Array.from({ length: 51 }, () => directTcpip('web', 22)))
    const answers: Buffer[] = []
    while (answers.length < 51) {
      const payload = await peer.next()
      if (payload[0] === 91 || payload[0] === 92) answers.push(payload)
    }
    const failed = answers.filter((payload) => payload[0] === 92)
    assert.deepEqual(failed.map(openFailureOf), [
      { reason: 4, description: 'sallyport: too many connections through one jump' },
    ])
    peer.close()
    assert.equal(linesOf(await bed.audit(), 'route.refused').at(-1)?.['type'], 'direct-tcpip')
  })
})
