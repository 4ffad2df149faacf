import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sshdFiles, sshdScript } from '@sallyport/bastion/onboard'
import { formatPublicKeyLine, publicKeyFrom } from '@sallyport/keys/publickey'
import { run } from '../../support/run.ts'

describe('what makes an sshd take our certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-script-'))
  const stubs = join(folder, 'bin')
  after(() => rmSync(folder, { recursive: true }))

  const keys = [1, 2].map(() => publicKeyFrom(generateKeyPairSync('ed25519').publicKey))
  const filesIn = (etc: string) =>
    sshdFiles({
      logins: [
        { login: 'deploy', certificate: { principals: ['prod-web', 'prod-all'] } },
        { login: 'root', certificate: { principals: ['prod-root'] } },
      ],
      authorities: keys,
      folder: etc,
    })

  before(() => {
    mkdirSync(stubs)
    for (const name of ['sshd', 'systemctl']) {
      writeFileSync(join(stubs, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/called\n`)
      chmodSync(join(stubs, name), 0o755)
    }
  })

  it('trusts the authority for the accounts that are named, and for these alone', () => {
    const files = new Map(filesIn('/etc/ssh').map(({ path, content }) => [path, content]))
    assert.deepEqual(
      files.get('/etc/ssh/sallyport_ca.pub')?.trimEnd().split('\n'),
      keys.map(({ blob }) => formatPublicKeyLine(blob, 'sallyport-upstream-ca')),
    )
    assert.equal(files.get('/etc/ssh/sallyport_principals/deploy'), 'prod-web\nprod-all\n')
    assert.equal(files.get('/etc/ssh/sallyport_principals/root'), 'prod-root\n')
    const config = files.get('/etc/ssh/sshd_config.d/50-sallyport.conf')?.split('\n')
    assert.equal(config?.[0], 'Match User deploy,root')
    assert.ok(config.slice(1, -1).every((line) => line.startsWith('    ')))
    assert.equal(files.size, 4)
  })

  for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
    it(`is written by ${shell[0]}, readable for all, and again over what is there`, async () => {
      const etc = join(folder, `etc-${shell[0]}`)
      mkdirSync(join(etc, 'sallyport_principals'), { recursive: true })
      writeFileSync(join(etc, 'sallyport_principals', 'root'), 'old', { mode: 0o600 })
      const files = filesIn(etc)
      const [program = '', ...args] = shell
      const options = {
        input: `umask 077\n${sshdScript('web-1', files)}\n`,
        env: { PATH: `${stubs}:${process.env['PATH']}` },
      }
      const { status, stderr, stdout } = await run(program, args, options)
      assert.deepEqual({ status, stderr, stdout }, { status: 0, stderr: '', stdout: '' })
      for (const { path, content } of files) {
        assert.equal(readFileSync(path, 'utf8'), content)
        assert.equal(statSync(path).mode & 0o777, 0o644, path)
      }
      assert.equal(statSync(join(etc, 'sallyport_principals')).mode & 0o055, 0o055)
      const called = readFileSync(join(folder, 'called'), 'utf8')
      assert.match(called, /sshd -t\nsystemctl reload ssh\n$/)
    })
  }
})
