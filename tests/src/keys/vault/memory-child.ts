// Works with the vault in the folder argv[2], one step for each message; the KEK is in the file `kek` there.
import { generateKeyPairSync } from 'node:crypto'
import { setFlagsFromString, writeHeapSnapshot } from 'node:v8'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { openAuthorities } from '@sallyport/keys/authority'
import type { Authorities } from '@sallyport/keys/authority'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import { kekFromFile, openVault } from '@sallyport/keys/vault'
import type { Signer } from '@sallyport/keys/vault'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

const [, , folder = '', recipient = '', ...ids] = process.argv
const kek = kekFromFile(join(folder, 'kek'))
const vault = await openVault({ file: join(folder, 'vault.json'), kek, now: Date.now })
const signers: Signer[] = []
let authorities: Authorities | undefined
const subject = publicKeyFrom(generateKeyPairSync('ed25519').publicKey)
// Computed, so that the text of this program does not hold it.
const marker = ['what a heap', 'snapshot shows:', 'strings'].join(' ')

const steps: Readonly<Record<string, () => Promise<void>>> = {
  async import() {
    for (const id of ids) await vault.import(id, await readFile(join(folder, id)))
  },
  async sign() {
    for (const id of ids) {
      const signer = await vault.signer(id)
      signers.push(signer)
      for (let count = 0; count < 20; count++) signer.sign(Buffer.from(`message ${count}`))
    }
  },
  async authorities() {
    const keys = vault.authorityKeys
    authorities = await openAuthorities({ folder, keys, now: Date.now })
  },
  async certify() {
    const validBefore = Math.floor(Date.now() / 1000) + 60
    const request = { subject, keyId: 'x', validBefore }
    authorities?.user.issueUserCertificate({ ...request, principals: ['a'] })
    authorities?.upstream.issueUserCertificate({ ...request, principals: ['a'] })
    authorities?.host.issueHostCertificate({ ...request, hostnames: ['a'] })
  },
  async next() {
    await authorities?.user.addNext()
    await authorities?.user.promote([])
    await authorities?.user.retire(0)
  },
  async snapshot() {
    writeHeapSnapshot(join(folder, 'heap.heapsnapshot'))
  },
  async export() {
    for (const id of ids) {
      await vault.export(id, { recipients: [recipient], approvedBy: ['Ada', 'Grace'] })
    }
  },
  async rewrap() {
    await vault.rewrap(kek)
  },
  async close() {
    for (const signer of signers.splice(0)) signer.close()
    await authorities?.close()
    authorities = undefined
    await steps['collect']?.()
  },
  async collect() {
    for (let count = 0; count < 3; count++) {
      if (typeof collect === 'function') collect()
      await sleep(50)
    }
  },
}

process.on('message', (step) => {
  const run = steps[String(step)]
  run?.().then(
    () => process.send?.(step),
    (error: unknown) => process.send?.(String(error)),
  )
})
process.send?.('ready')
process.on('exit', () => process.send?.(marker))
