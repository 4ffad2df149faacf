import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { openBed, type Bed } from '../support/bed.ts'
import { startChopper, type Chopper } from '../support/chopper.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

/** Each way in which a packet is framed: its length in the clear or not, and a tag or a MAC behind it. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes128-ctr -o MACs=hmac-sha2-256-etm@openssh.com',
  'aes256-ctr -o MACs=hmac-sha2-256',
]

describe('relay: packets that arrive in pieces', () => {
  let bed: Bed
  let sshd: Sshd
  const choppers: Chopper[] = []
  let scratch: string

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'sallyport-'))
    sshd = await startSshd({ folder: join(scratch, 'sshd'), authorizedKeys: [] })
    choppers.push(await startChopper(sshd.port))
    bed = await openBed({ other: { port: choppers[0]?.port ?? 0, hostKeyLine: sshd.hostKeyLine } })
    choppers.push(await startChopper(bed.sshPort))
    await writeFile(sshd.authorizedKeys, await readFile(bed.sshd.authorizedKeys))
    const config = await readFile(bed.sshConfig, 'utf8')
    await writeFile(
      join(bed.folder, 'chopped'),
      config.replaceAll(`Port ${bed.sshPort}`, `Port ${choppers[1]?.port}`),
    )
    await bed.sh('head -c 3000000 /dev/urandom > big')
  })
  after(async () => {
    await bed?.close()
    for (const chopper of choppers) await chopper.close()
    await sshd?.stop()
    await rm(scratch, { recursive: true, force: true })
  })

  for (const cipher of CIPHERS) {
    it(`arrive whole, of three sessions at once, with ${cipher}`, async () => {
      const { stdout, stderr } = await bed.sh(
        `F=$(dirname $C)/chopped
         for i in 1 2 3; do ssh -F $F -o Ciphers=${cipher} other cat < big > back.$i & done; wait
         for i in 1 2 3; do cmp big back.$i && echo same; done`,
      )
      assert.equal(stdout, 'same\n'.repeat(3), stderr)
    })
  }
})
