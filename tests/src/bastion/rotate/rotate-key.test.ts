import { strict as assert } from 'node:assert'
import { rotateKey } from '@sallyport/bastion/rotate'

describe('a key that waited for others', () => {
  it('is not begun when it no longer may: no new version is made, and nothing written down', async () => {
    const entry = { id: 'k', version: 1, active: true, publicKeyLine: 'ssh-ed25519 AAAA' }
    const login = { login: 'deploy', key: 'k', rotation: { driver: 'auto', hook: ['/bin/true'] } }
    const target = { name: 'web', address: '127.0.0.1', port: 22, labels: {}, logins: [login] }
    const parts = {
      vault: { versions: () => [entry], generate: () => assert.fail('a new version') },
      store: { ofKey: () => undefined, save: () => assert.fail('written down') },
      access: { targets: [target], connect: () => assert.fail('a login') },
      now: Date.now,
      report: (event: string) => assert.fail(event),
    }
    const placed = { key: 'k', places: [{ target: 'web', login: 'deploy' }] }
    const options = { by: 'ann', mayBegin: () => false }
    assert.equal((await rotateKey(parts as never, placed, options)).kind, 'held')
    await assert.rejects(rotateKey(parts as never, placed, { by: 'ann' }), /a new version/)
  })
})
