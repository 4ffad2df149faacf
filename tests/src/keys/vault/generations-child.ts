// Makes one change after another to the vault argv[2], naming each that was made, until it is killed.
import { kekFromFile, openVault } from '@sallyport/keys/vault'

const [, , file = '', kek = ''] = process.argv
const vault = await openVault({ file, kek: kekFromFile(kek), now: Date.now })
for (;;) {
  await vault.generate('a')
  process.send?.(vault.generation)
}
