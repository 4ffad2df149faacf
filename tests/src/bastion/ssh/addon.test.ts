import { strict as assert } from 'node:assert'
import { fileURLToPath } from 'node:url'
import { run } from '../../support/run.ts'

describe("ssh2's ciphers", () => {
  it('do not end the process when the collector comes while no JavaScript runs', async () => {
    const child = fileURLToPath(new URL('./collector-child.ts', import.meta.url))
    const args = ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning', child]
    const { status, stdout, stderr } = await run(process.execPath, args, { timeout: 120_000 })
    assert.equal(stdout, 'alive\n', stderr.slice(0, 400))
    assert.equal(status, 0)
  })
})
