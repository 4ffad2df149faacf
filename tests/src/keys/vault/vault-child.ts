// Opens the vault argv[2] with the KEK in argv[3], says how it went, and keeps it until it is killed.
import { kekFromFile, openVault } from '@sallyport/keys/vault'

const [, , file = '', kek = ''] = process.argv
try {
  const vault = await openVault({ file, kek: kekFromFile(kek), now: Date.now })
  await vault.generate('web-1', { type: 'ed25519' })
  process.send?.('open')
  setInterval(() => {}, 1000)
} catch (error) {
  process.send?.(error instanceof Error ? error.message : 'failed')
  process.disconnect()
}
