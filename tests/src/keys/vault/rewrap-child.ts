// Seals the vault argv[2] with the KEKs in argv[3] and argv[4] in turn, until it is killed.
import { kekFromFile, openVault } from '@sallyport/keys/vault'

const [, , file = '', first = '', second = ''] = process.argv
const vault = await openVault({ file, kek: kekFromFile(first), now: Date.now })
for (let next = second; ; next = next === second ? first : second) {
  await vault.rewrap(kekFromFile(next))
  process.send?.(vault.generation)
}
