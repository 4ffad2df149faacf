import { strict as assert } from 'node:assert'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { openBed, type Bed } from '../support/bed.ts'
import { run } from '../support/run.ts'
import type { Sshd } from '../support/sshd.ts'
import { soon, targetHands, type Shown } from '../support/target-hands.ts'
import { admit, fingerprintOfFile, moreTargets, startTargetSshd } from '../support/target-sshd.ts'

describe('interop: host keys of targets', () => {
  const { username } = userInfo()
  let folder: string
  let several: Sshd
  let certified: Sshd
  let certifiedRsa: Sshd
  let elsewhere: Sshd
  let expired: Sshd
  let bed: Bed

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-hostkeys-'))
    const authority = join(folder, 'ca')
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', authority])
    const at = (name: string): string => join(folder, name)
    several = await startTargetSshd({ folder: at('several'), types: ['ecdsa', 'rsa'] })
    certified = await startTargetSshd({
      folder: at('certified'),
      types: ['ecdsa'],
      certified: { authority, principals: 'certified.example,certified' },
      extra: ['RekeyLimit 1M'],
    })
    certifiedRsa = await startTargetSshd({
      folder: at('certified-rsa'),
      types: ['rsa'],
      certified: { authority, principals: '127.0.0.1' },
    })
    elsewhere = await startTargetSshd({
      folder: at('elsewhere'),
      types: ['ecdsa'],
      certified: { authority, principals: 'certified' },
    })
    expired = await startTargetSshd({
      folder: at('expired'),
      types: ['ecdsa'],
      certified: { authority, principals: 'expired', validity: '-2h:-1h' },
    })
    await run('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-f', join(folder, 'unused')])
    const unusedRsa = (await readFile(join(folder, 'unused.pub'), 'utf8')).trim()
    bed = await openBed({
      config: moreTargets(username, {
        fresh: { sshd: several },
        imported: { sshd: several },
        pinned: { sshd: several, pins: [several.hostKeyLine] },
        'pinned-rsa': { sshd: several, pins: [several.hostKeyLine, unusedRsa] },
        certified: { sshd: certified },
        'certified-rsa': { sshd: certifiedRsa },
        elsewhere: { sshd: elsewhere },
        expired: { sshd: expired },
      }),
    })
    for (const target of [several, certified, certifiedRsa, elsewhere, expired]) {
      await admit(bed, target)
    }
  })
  after(async () => {
    await bed?.close()
    for (const target of [several, certified, certifiedRsa, elsewhere, expired]) {
      await target?.stop()
    }
    await rm(folder, { recursive: true, force: true })
  })

  const { target, done, shown, keysOf, reached, isReached, isRefused } = targetHands(() => bed)

  const file = (name: string): string => join(folder, name)
  const authorityLine = async (): Promise<string> => (await readFile(file('ca.pub'), 'utf8')).trim()

  describe('scan and approve', () => {
    it('reaches nobody without a pin, and says so', async () => {
      await isRefused('fresh', /sallyport: target fresh has no pinned host key/)
    })

    it('finds what ssh-keyscan finds, and trusts nothing of it', async () => {
      const scanned = await done('scan', 'fresh')
      const { stdout } = await run('bash', [
        '-c',
        `ssh-keyscan -p ${several.port} 127.0.0.1 2>/dev/null | ssh-keygen -lf - | cut -d' ' -f2`,
      ])
      const found = stdout.trim().split('\n').toSorted()
      assert.equal(found.length, 3)
      assert.deepEqual(scanned.match(/SHA256:\S+/g)?.toSorted(), found)
      assert.deepEqual((await keysOf('fresh', 'candidate')).toSorted(), found)
      assert.match(scanned, /fresh has no pinned key: nobody is let on to it/)
      await isRefused('fresh', /sallyport: target fresh has no pinned host key/)
    })

    it('reaches it by the key that was approved, and by no other', async () => {
      const key = await fingerprintOfFile(file('several/rsa.pub'))
      const approved = await done('approve', 'fresh', key, '--reason', 'read from its console')
      assert.match(approved, /^pinned {2}ssh-rsa {2}SHA256:\S+ {2}scan .*read from its console\n$/)
      assert.deepEqual(await keysOf('fresh', 'pinned'), [key])
      await isReached('fresh')
    })

    it('refuses what it cannot approve, with status 1, and what it cannot read, with status 2', async () => {
      const key = `SHA256:${'A'.repeat(43)}`
      const cases = [
        [['approve', 'fresh', key, '--reason', 'x'], 1, /there is no candidate SHA256:AAA/],
        [['approve', 'nowhere', key, '--reason', 'x'], 1, /there is no target named "nowhere"/],
        [['approve', 'fresh', 'SHA256:short', '--reason', 'x'], 2, /a fingerprint is SHA256:/],
        [['approve', 'fresh', key], 2, /--reason/],
        [['release', 'fresh', '--reason', 'x'], 1, /it is not in quarantine/],
        [['pin', 'fresh'], 2, /give one of --known-hosts, --key and --authority/],
        [['pin', 'fresh', '--key', 'ssh-ed25519 AAAA'], 1, /not a line|truncated|bytes/],
        [['scan', 'gone'], 1, /target gone could not be reached: ECONNREFUSED/],
      ] as const
      const refusals = await Promise.all(cases.map(async ([args]) => target(...args)))
      for (const [index, [args, status, expected]] of cases.entries()) {
        assert.equal(refusals[index]?.status, status, args.join(' '))
        assert.match(refusals[index].stderr, expected)
      }
    })

    it('refuses a revoked key from then on, and lets nobody approve it again', async () => {
      const key = await fingerprintOfFile(file('several/rsa.pub'))
      await done('revoke', 'fresh', key, '--reason', 'the disk was sold')
      await isRefused('fresh', /sallyport: target fresh has no pinned host key/)
      const again = await target('approve', 'fresh', key, '--reason', 'x')
      assert.equal(again.status, 1)
      assert.match(again.stderr, /key SHA256:\S+ is revoked/)
    })
  })

  describe('import', () => {
    it('takes what a hashed known_hosts file says of its address and port', async () => {
      const { status } = await run('bash', [
        '-c',
        `cd ${folder} && ssh-keyscan -t ed25519,ecdsa -p ${several.port} 127.0.0.1 > known 2>/dev/null &&
         echo 'elsewhere.example ${several.hostKeyLine}' >> known && ssh-keygen -q -H -f known`,
      ])
      assert.equal(status, 0)
      assert.doesNotMatch(await readFile(file('known'), 'utf8'), /127\.0\.0\.1|elsewhere/)
      await done('pin', 'imported', '--known-hosts', file('known'))
      const expected = [
        await fingerprintOfFile(file('several/host_key.pub')),
        await fingerprintOfFile(file('several/ecdsa.pub')),
      ]
      assert.deepEqual((await keysOf('imported', 'pinned')).toSorted(), expected.toSorted())
      await isReached('imported')
      // The key of the type that is asked for first, and no other, was shown.
      await soon(async () => {
        const { hostKeys } = await shown('imported')
        const seen = hostKeys.filter((key) => key['lastSeen'] !== undefined)
        return seen.length === 1 && seen[0]?.['fingerprint'] === expected[0]
      })
    })

    it('says when the file says nothing of the target', async () => {
      const { status, stderr } = await target('pin', 'gone', '--known-hosts', file('known'))
      assert.equal(status, 1)
      assert.match(stderr, /known says nothing of \[127\.0\.0\.1\]:1, \[gone\]:1, gone/)
    })
  })

  describe('host authorities', () => {
    it('reach a target by its certificate, and again at each key exchange', async () => {
      const printed = await done('pin', 'certified', '--authority', await authorityLine())
      assert.match(printed, /^pinned authority {2}ssh-ed25519 {2}SHA256:/)
      await isReached('certified')
      const { status, stdout } = await reached('certified', 'head -c 6000000 /dev/zero | cksum')
      assert.equal(status, 0)
      assert.match(stdout, /^\d+ 6000000\n$/)
      const moved = await bed.sh(
        `ssh -F $C -J bastion certified 'head -c 6000000 /dev/zero' < /dev/null | wc -c`,
      )
      assert.equal(moved.stdout.trim(), '6000000')
    })

    it('take an RSA certificate that is for its address', async () => {
      await done('pin', 'certified-rsa', '--authority', await authorityLine())
      await isReached('certified-rsa')
    })

    it('refuse a certificate that is for another target, and quarantine who shows it', async () => {
      await done('pin', 'elsewhere', '--authority', await authorityLine())
      const text = /target elsewhere is not who it should be: .* valid for certified, not for/
      await isRefused('elsewhere', text)
      const { quarantine } = await shown('elsewhere')
      assert.equal(quarantine?.offered, await fingerprintOfFile(file('elsewhere/ecdsa.pub')))
      assert.deepEqual(quarantine.expected, [await fingerprintOfFile(file('ca.pub'))])
    })

    it('refuse a certificate that has run out, until there is a new one', async () => {
      await done('pin', 'expired', '--authority', await authorityLine())
      await isRefused('expired', /target expired is not who it should be: .* valid before/)
      assert.equal((await shown('expired')).quarantine, undefined)
    })

    it('are worth nothing once they are revoked', async () => {
      const key = await fingerprintOfFile(file('ca.pub'))
      await done('revoke', 'certified-rsa', key, '--reason', 'leaked')
      await isRefused('certified-rsa', /has no pinned host key/)
      await isReached('certified')
    })
  })

  describe('what a target offers by itself', () => {
    const ofFile = async (name: string): Promise<string> => fingerprintOfFile(file(name))

    it('becomes a candidate once it is proven, and never reaches the agent', async () => {
      const { status, stderr } = await bed.sh(
        `ssh -vvv -F $C -l ${username}%pinned direct true < /dev/null`,
      )
      assert.equal(status, 0, stderr)
      assert.match(stderr, /debug1: Sending command/)
      assert.doesNotMatch(stderr, /hostkeys-00@openssh\.com|hostkeys_find/)
      await soon(async () => (await keysOf('pinned', 'candidate')).length > 0)
      assert.deepEqual(await keysOf('pinned', 'candidate'), [await ofFile('several/ecdsa.pub')])
      const { hostKeys } = await shown('pinned')
      assert.deepEqual(
        hostKeys.map((key) => key['source']),
        ['config', 'update'],
      )
    })

    it('is an RSA key where the target signs for one with SHA-2', async () => {
      await isReached('pinned-rsa')
      await soon(async () => (await keysOf('pinned-rsa', 'candidate')).length > 0)
      const expected = [await ofFile('several/ecdsa.pub'), await ofFile('several/rsa.pub')]
      const candidates = await keysOf('pinned-rsa', 'candidate')
      assert.deepEqual(candidates.toSorted(), expected.toSorted())
    })

    it('is not asked for when it is known', async () => {
      await isReached('pinned')
      await isReached('pinned-rsa')
      const audited = (await bed.audit()).filter(({ event }) => {
        return event === 'hostkeys.learned' || event === 'hostkeys.not-proven'
      })
      const names = audited.map((line) => line['target'])
      assert.equal(names.filter((name) => name === 'pinned').length, 1)
      assert.equal(names.filter((name) => name === 'pinned-rsa').length, 1)
    })
  })

  describe('a mismatch', () => {
    it('is refused with both fingerprints, and so is everybody after it, at once', async () => {
      const offered = await fingerprintOfFile(join(bed.folder, 'sshd', 'host_key.pub'))
      const first = await isRefused('liar', /sallyport: target liar is not who it should be/)
      const log = join(bed.folder, 'sshd', 'sshd.log')
      const before = (await stat(log)).size
      const second = await isRefused('liar', /sallyport: target liar is not who it should be/)
      assert.equal((await stat(log)).size, before, 'it was connected to')
      const { quarantine } = await shown('liar')
      assert.equal(quarantine?.offered, offered)
      for (const text of [first, second]) {
        for (const key of [offered, ...quarantine.expected]) assert.ok(text.includes(key), text)
        assert.match(text, /in quarantine since 20\S+/)
      }
      const audited = (await bed.audit()).filter((line) => line['event'] === 'target.quarantined')
      const line = audited.find((each) => each['target'] === 'liar')
      assert.deepEqual([line?.['expected'], line?.['offered']], [quarantine.expected, offered])
      assert.match(await done('show', 'liar'), /in quarantine since .*: it showed SHA256:/)
    })

    it('is not forgotten by a crash, and is seen without a bastion', async () => {
      const before = await shown('liar')
      await bed.kill()
      const { target: found } = JSON.parse(await done('show', 'liar', '--json')) as {
        target: Shown
      }
      assert.deepEqual(found, before)
      assert.match(await done('list'), /^liar {2}\S+ {2}pinned 1 {2}in quarantine$/m)
      await bed.restart()
      await isRefused('liar', /in quarantine since/)
    })

    it('ends when somebody releases the target, for those who show what is pinned', async () => {
      const released = await done('release', 'liar', '--reason', 'looked at')
      assert.equal(released, 'released liar\n')
      await isRefused('liar', /in quarantine since/)
    })

    it('ends when somebody approves the key, also while no bastion runs', async () => {
      const { quarantine } = await shown('liar')
      await bed.kill()
      await done('approve', 'liar', quarantine?.offered ?? '', '--reason', 'reinstalled')
      await bed.restart()
      await isReached('liar')
      assert.equal((await shown('liar')).quarantine, undefined)
    })
  })
})
