import { strict as assert } from 'node:assert'
import { createRotations } from '@sallyport/bastion/rotate'
import type { Target } from '@sallyport/bastion/route'
import type { RotationStore } from '@sallyport/keys/rotation'

describe('a key that lets in at a target in quarantine', () => {
  const targets: readonly Target[] = ['good', 'odd'].map((name) => ({
    name,
    address: '127.0.0.1',
    port: 22,
    labels: {},
    logins: [{ login: 'deploy', key: 'k', rotation: { driver: 'auto', hook: ['/bin/true'] } }],
  }))
  const entry = { id: 'k', version: 1, active: true, publicKeyLine: 'ssh-ed25519 AAAA' }
  const logins: string[] = []
  const generated: string[] = []
  const store: Partial<RotationStore> = {
    runs: () => [],
    ofKey: () => undefined,
    save: () => assert.fail('nothing begins'),
    saveRun: () => Promise.resolve(),
  }
  const rotations = createRotations({
    vault: {
      list: () => [entry],
      versions: () => [entry],
      generate: (key: string) => void generated.push(key),
    },
    store,
    now: () => 0,
    report: () => {},
    access: {
      targets,
      connect: ({ target }: { readonly target: Target }) => {
        logins.push(target.name)
        throw new Error('nobody is there')
      },
      sleep: () => Promise.resolve(),
      barred: ({ name }: Target) =>
        name === 'odd' ? 'its host key is SHA256:x, pinned is SHA256:y' : undefined,
    },
  } as never)
  const words = 'target odd is in quarantine: its host key is SHA256:x, pinned is SHA256:y'

  it('is refused by a dry run with these words, also where a program changes the keys', async () => {
    const answer = await rotations.plan({ keys: ['k'] })
    assert.ok(answer.kind === 'ok')
    assert.deepEqual(
      answer.plans[0]?.places.map(({ problems }) => problems),
      [[], [words]],
    )
  })

  it('is refused before anything is done, at any of its places', async () => {
    const begun = await rotations.start({ keys: ['k'] }, { by: 'ann', stopAfter: 1 })
    assert.ok(begun.kind === 'ok')
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(rotations.run(begun.run.id)?.units, [
      { key: 'k', state: 'refused', problem: words },
    ])
    assert.deepEqual(logins, [])
    assert.deepEqual(generated, [])
  })
})
