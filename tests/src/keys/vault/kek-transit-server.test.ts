import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kekFromTransit } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'

const context = Buffer.from('["sallyport-vault/1","key","web-1",1]')

describe('kekFromTransit, with a real server', () => {
  const folder = scratchFolder()

  it('seals a vault with it, and opens it again', async function () {
    const program = ['bao', 'vault'].find((name) => isThere(name))
    if (program === undefined) return this.skip()
    const address = 'http://127.0.0.1:18200'
    const args = [
      'server',
      '-dev',
      '-dev-root-token-id=root',
      '-dev-listen-address=127.0.0.1:18200',
    ]
    const server = spawn(program, args, {
      stdio: 'ignore',
      env: { ...process.env, HOME: folder() },
    })
    try {
      const post = async (path: string, body: unknown): Promise<Response> =>
        fetch(`${address}/v1/${path}`, {
          method: 'POST',
          headers: { 'x-vault-token': 'root' },
          body: JSON.stringify(body),
        })
      for (let tries = 0; tries < 100; tries++) {
        const up = await fetch(`${address}/v1/sys/health`).then(
          ({ ok }) => ok,
          () => false,
        )
        if (up) break
        await sleep(100)
      }
      assert.equal((await post('sys/mounts/transit', { type: 'transit' })).ok, true)
      assert.equal((await post('transit/keys/kek', {})).ok, true)
      const tokenFile = join(folder(), 'token')
      await writeFile(tokenFile, 'root', { mode: 0o400 })
      const key = { address, mount: 'transit', key: 'kek', tokenFile, timeout: 5000 }
      const kek = await kekFromTransit(key).open(undefined)
      const sealed = await kek.wrap(Buffer.alloc(32, 7), context)
      assert.deepEqual(await kek.unwrap(sealed, context), Buffer.alloc(32, 7))
      assert.equal(await kek.unwrap(sealed, Buffer.from('another')), undefined)
      const other = await kekFromTransit({ ...key, key: 'absent' }).open(undefined)
      await assert.rejects(other.unwrap(sealed, context), { code: 'ERR_KEYS_KEK_REFUSED' })
    } finally {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
  })
})

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
