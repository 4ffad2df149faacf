import { strict as assert } from 'node:assert'
import { auditedDuring, besidesClosed, linesOf } from '../../support/audit.ts'
import { openBed, type Bed } from '../../support/bed.ts'
import { newKey, openMint, type Mint } from '../../support/certificates.ts'
import { connectRaw, type RawPeer } from '../../support/raw-peer.ts'
import {
  bannerText,
  query,
  SERVICE_USERAUTH,
  signed,
  type UserauthFields,
} from '../../support/ssh-messages.ts'

const algorithm = 'ssh-ed25519-cert-v01@openssh.com'
const NOT_BY_THE_KEY = 'sallyport: the signature is not by the key of the certificate\r\n'

describe('authenticate: the proof of the private key', () => {
  let bed: Bed
  let mint: Mint
  let username: string
  const mine = newKey()
  const theirs = newKey()
  let myLogin: UserauthFields
  let theirLogin: UserauthFields

  before(async () => {
    bed = await openBed()
    mint = await openMint(bed)
    username = `${bed.sshd.login}%web`
    const identity = { name: 'ci/acme/victim', subject: 'acme/victim' }
    myLogin = { username, algorithm, blob: mint.certificate({ subject: mine }) }
    theirLogin = { username, algorithm, blob: mint.certificate({ subject: theirs, identity }) }
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
  const refused = async (peer: RawPeer, request: Buffer): Promise<void> => {
    const lines = await auditedDuring(bed, async () => {
      peer.send(request)
      assert.equal(bannerText(await peer.next()), NOT_BY_THE_KEY)
      assert.equal((await peer.next())[0], 51)
    })
    assert.deepEqual(
      besidesClosed(lines).map((line) => [line['event'], line['code']]),
      [['authenticate.rejected', 'bad-client-signature']],
    )
  }

  it('refuses the certificate of another with a signature of my key', async () => {
    const peer = await begin()
    await refused(peer, signed(theirLogin, peer.sessionId, mine))
    peer.close()
  })

  it('refuses it also after queries for both, in any order (CVE-2024-45337)', async () => {
    const peer = await begin()
    for (const offered of [theirLogin, myLogin, theirLogin]) {
      peer.send(query(offered))
      assert.equal((await peer.next())[0], 60)
    }
    await refused(peer, signed(theirLogin, peer.sessionId, mine))
    peer.close()
  })

  it('takes the identity from the request that was signed, not from one that was offered', async () => {
    const lines = await auditedDuring(bed, async () => {
      const peer = await begin()
      peer.send(query(theirLogin))
      assert.equal((await peer.next())[0], 60)
      peer.send(signed(myLogin, peer.sessionId, mine))
      assert.equal((await peer.next())[0], 52)
      peer.close()
    })
    const [accepted] = linesOf(lines, 'authenticate.accepted')
    assert.equal(accepted?.['identity'], 'ci/acme/shop')
  })

  it('refuses a signature of another session', async () => {
    const [first, second] = await Promise.all([begin(), begin()])
    const request = signed(myLogin, first.sessionId, mine)
    await refused(second, request)
    first.send(request)
    assert.equal((await first.next())[0], 52, 'it is good where it was made')
    first.close()
    second.close()
  })

  it('refuses a signature for another user name, service or algorithm', async () => {
    const peer = await begin()
    const good = signed(myLogin, peer.sessionId, mine)
    const changed = Buffer.from(good)
    changed.write('x', good.indexOf('%web') + 1)
    assert.notDeepEqual(changed, good)
    peer.send(changed)
    assert.match(bannerText(await peer.next()), /signature is not by the key|no target named "xeb"/)
    assert.equal((await peer.next())[0], 51)
    peer.close()
  })

  it('refuses an empty signature, a short one, and bytes behind it', async () => {
    const peer = await begin()
    const good = signed(myLogin, peer.sessionId, mine)
    for (const cut of [64, 83, 20]) {
      const bad = Buffer.from(good.subarray(0, good.length - cut))
      bad.writeUInt32BE(83 - cut, bad.length - (83 - cut) - 4)
      peer.send(bad)
      assert.equal(bannerText(await peer.next()), NOT_BY_THE_KEY)
      assert.equal((await peer.next())[0], 51)
    }
    peer.send(Buffer.concat([good, Buffer.of(0)]))
    assert.match(await peer.ended(), /1 bytes left over/)
  })

  it('ends the connection at every prefix of a signed request, and lives on', async () => {
    const whole = signed(myLogin, Buffer.alloc(32), mine)
    for (let length = 1; length < whole.length; length += 23) {
      const peer = await begin()
      peer.send(whole.subarray(0, length))
      assert.match(await peer.ended(), /expected at offset \d+|no service/, `${length} bytes`)
    }
  })

  it('refuses another identity on the inner hop than on the outer, and audits both', async () => {
    await bed.certify('other', { sub: 'acme/other' })
    const lines = await auditedDuring(bed, async () => {
      const { status, stderr } = await bed.sh(
        `sed -e "s#${bed.folder}/id#${bed.folder}/other#" -e /ProxyJump/d $C > inner
         ssh -F inner -o "ProxyCommand=ssh -F $C -W %h:%p bastion" web echo never`,
      )
      assert.equal(status, 255)
      assert.match(
        stderr,
        /sallyport: the certificate is for another identity than on the outer hop/,
      )
    })
    const [line] = linesOf(lines, 'authenticate.identity-changed')
    const names = [line?.['outer'], line?.['inner']].map(nameOf)
    assert.deepEqual(names, ['ci/acme/shop', 'ci/acme/other'])
    assert.deepEqual(
      linesOf(lines, 'authenticate.accepted').map((each) => each['hop']),
      ['outer'],
    )
  })

  it('takes a renewed certificate of the same identity, with another key, on the inner hop', async () => {
    await bed.certify('renewed')
    const { stdout, stderr } = await bed.sh(
      `sed -e "s#${bed.folder}/id#${bed.folder}/renewed#" -e /ProxyJump/d $C > again
       ssh -F again -o "ProxyCommand=ssh -F $C -W %h:%p bastion" web echo fine`,
    )
    assert.equal(stdout, 'fine\n', stderr)
  })
})

function nameOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'identity' in value ? value.identity : value
}
