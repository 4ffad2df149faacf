import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { runHere } from '../../support/sallyport.ts'

describe('cli', () => {
  it('says its version', async () => {
    const file = new URL('../../../../bastion/package.json', import.meta.url)
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string }
    const { status, stdout } = await runHere('--version')
    assert.deepEqual([status, stdout], [0, `${version}\n`])
  })

  it('says what it does not know, and ends with 2', async () => {
    for (const [args, said] of [
      [['quikstart'], "unknown command 'quikstart'\n(Did you mean quickstart?)"],
      [
        ['serve', '--config', 'x', '--konfig', 'x'],
        "unknown option '--konfig'\n(Did you mean --config?)",
      ],
      [['serve'], "required option '--config <file>' not specified"],
    ] as const) {
      const { status, stderr } = await runHere(...args)
      assert.deepEqual([status, stderr], [2, `sallyport: ${said}\n`])
    }
  })
})
