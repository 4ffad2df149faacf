// For each message [folder, acts, change]: opens the authorities in the folder, and changes the keys of one if it
// is to. After that many durable acts (a file that was made, named, renamed or removed) nothing reaches the disk
// any more, as if the process had been killed there. Answers whether it came to its end before.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const dead = new Error('killed')
let acts = 0

function act<A extends readonly unknown[], R>(
  run: (...given: A) => Promise<R>,
): (...given: A) => Promise<R> {
  return async (...given) => {
    if (acts === 0) throw dead
    const result = await run(...given)
    acts -= 1
    if (acts === 0) throw dead
    return result
  }
}

fs.rename = act(fs.rename)
fs.unlink = act(fs.unlink)
fs.link = act(fs.link)
const open = fs.open
fs.open = async (path, flags, mode) => {
  if (flags !== 'wx') return open(path, flags, mode)
  await act(async () => (await open(path, flags, mode)).close())()
  return open(path, 'r+')
}
syncBuiltinESMExports()

// What they import of node:fs/promises is what was put there just now.
const { openAuthorities } = await import('@sallyport/keys/authority')
const { vaultIn } = await import('./vault-in.ts')

async function run(folder: string, change: boolean): Promise<void> {
  const vault = await vaultIn(folder)
  try {
    const all = await openAuthorities({ folder, keys: vault.authorityKeys, now: () => 0 })
    try {
      if (!change) return
      await all.host.addNext()
      await all.host.promote([])
      await all.host.retire(0)
    } finally {
      await all.close()
    }
  } finally {
    await vault.close()
  }
}

process.on('message', (message) => {
  const [folder, most, change] = message as [string, number, boolean]
  acts = most
  run(folder, change).then(
    () => process.send?.(acts === 0 ? 'killed' : 'done'),
    (error: unknown) => process.send?.(acts === 0 ? 'killed' : String(error)),
  )
})
process.send?.('ready')
