import { strict as assert } from 'node:assert'
import { createPrivateKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { armor, Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { callControl } from '@sallyport/bastion/control'
import { memoryOf } from '../keys/vault/process-memory.ts'
import { openBed, SALLYPORT, USER_AUTHORITY, type Bed } from '../support/bed.ts'
import { bash, run } from '../support/run.ts'
import { runHere, sallyport } from '../support/sallyport.ts'

describe('the vault while the bastion runs', function () {
  this.timeout(300_000)
  let bed: Bed
  const at = (name: string): string => join(bed.folder, name)
  const events = async (event: string): Promise<readonly Record<string, unknown>[]> =>
    (await bed.audit()).filter((one) => one['event'] === event)

  before(async () => {
    bed = await openBed()
  })
  after(async () => bed?.close())

  async function must(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await sallyport(bed, ...args)
    assert.equal(status, 0, stderr)
    return stdout
  }

  /** Which lines of a private key file, or bytes as the file has them, are in the memory of the bastion. */
  function textsInMemory(file: string): readonly string[] {
    const lines = file.split('\n').filter((line) => /^[A-Za-z0-9+/=]{32,}$/.test(line))
    const seed = Buffer.from(lines.join(''), 'base64').subarray(161, 161 + 64)
    const forms = new Map<string, Buffer>([['the numbers', seed]])
    // The first line is the same in all files, and the second one begins with the public key.
    for (const line of lines.slice(2)) forms.set(line, Buffer.from(line))
    const found = new Set<string>()
    for (const bytes of memoryOf(bed.pid)) {
      for (const [name, form] of forms) if (bytes.includes(form)) found.add(name)
    }
    return [...found]
  }

  it('has taken in the plain key of an authority, and nothing shows it any more', async () => {
    const [taken] = await events('authority.plain-key-removed')
    assert.deepEqual([taken?.['authority'], taken?.['version']], ['user', 1])
    assert.equal((await bed.ssh(['web', 'echo seen; echo this >&2'])).status, 0)
    const key = createPrivateKey(readFileSync(at(USER_AUTHORITY)))
    const der = key.export({ format: 'der', type: 'pkcs8' })
    const number = der.subarray(16)
    const looked = [number, ...['hex', 'base64'].map((as) => der.toString(as as 'hex'))]
    const holders = (): readonly string[] =>
      [bed.data, at('bastion.log')].flatMap((place) =>
        filesIn(place).filter((file) => {
          const bytes = readFileSync(file)
          return looked.some((form) => bytes.includes(form))
        }),
      )
    assert.deepEqual(holders(), [])
    // What is looked for is what a plain file would hold.
    const plain = join(bed.data, 'user-ca.key')
    writeFileSync(plain, readFileSync(at(USER_AUTHORITY)))
    assert.deepEqual(holders(), [plain])
    rmSync(plain)
  })

  it('makes and imports keys, and lists them with what seals them', async () => {
    const line = await must('key', 'add', 'made', '--type', 'ecdsa', '--bits', '384')
    assert.match(line, /^ecdsa-sha2-nistp384 /)
    await bash(`ssh-keygen -q -t ed25519 -N '' -C mine -f ${at('mine')}`)
    const imported = await must('key', 'add', 'mine', '--from', at('mine'))
    assert.equal(imported, readFileSync(at('mine.pub'), 'utf8'))
    assert.deepEqual(textsInMemory(readFileSync(at('mine'), 'utf8')), [])
    const listed = await must('key', 'list')
    assert.match(listed, /\nmine v1 ssh-ed25519 \S+ mine\n/)
    assert.match(
      listed,
      /\nsealed with file:\w{16}: .*web v1, .*made v1, mine v1, user authority v1, host authority v1, upstream authority v1\n$/,
    )
    assert.match(await must('key', 'show'), /\nsealed with file:\w{16}: /)
    const [made] = await events('vault.key-made')
    assert.deepEqual([made?.['key'], made?.['version']], ['made', 1])
    const { status, stderr } = await sallyport(bed, 'key', 'add', 'x', '--from', at('mine.pub'))
    assert.equal(status, 1)
    assert.match(stderr, /this is a public key/)
  })

  it('changes its KEK while agents come and go, and does not need the old one at the next start', async () => {
    assert.equal((await runHere('key', 'init', at('kek-2'))).status, 0)
    writeFileSync(at('entry.yaml'), 'vault: { keyFile: kek-2 }\n')
    const stop = at('stop')
    const agents = bed.sh(
      `until [ -e ${stop} ]; do
         for host in web direct; do ssh -F $C $host 'echo in' 2>&1 || echo "lost $?"; done
       done`,
      { timeout: 240_000 },
    )
    try {
      // Back and forth, so that many logins fall into a change.
      for (let round = 0; round < 20; round++) {
        const file = at(round % 2 === 0 ? 'kek-2' : 'kek')
        const body = { vault: { kek: { kind: 'file', file } } }
        const call = { data: bed.data, method: 'POST', path: '/api/vault/rewrap', body } as const
        assert.equal((await callControl(call)).status, 200)
        await setTimeout(100)
      }
      const text = await must('key', 'rewrap', '--to', at('entry.yaml'))
      assert.match(
        text,
        /^the vault was sealed with file:\w{16} and is now sealed with file:\w{16}\n/,
      )
      const { status } = await bed.ssh(['web', 'true'])
      assert.equal(status, 0)
    } finally {
      writeFileSync(stop, '')
    }
    const lines = (await agents).stdout.trimEnd().split('\n')
    assert.ok(lines.length >= 4, lines.join('\n'))
    assert.deepEqual(
      lines.filter((line) => line !== 'in'),
      [],
    )
    const rewrapped = await events('vault.rewrapped')
    assert.equal(rewrapped.length, 21)
    assert.match(String(rewrapped.at(-1)?.['by']), /^control socket, says it is/)

    const config = readFileSync(bed.configFile, 'utf8')
    await bed.kill()
    const { stderr } = await run(SALLYPORT, ['serve', '--config', bed.configFile])
    assert.match(stderr, /the vault is sealed with KEK file:\w{16}, the given one is file:\w{16}/)
    rmSync(at('kek'))
    const changed = config.replace(`keyFile: ${at('kek')}`, `keyFile: ${at('kek-2')}`)
    assert.notEqual(changed, config)
    writeFileSync(bed.configFile, changed)
    await bed.restart()
    await bed.certify()
    assert.equal((await bed.ssh(['web', 'echo in'])).stdout, 'in\n')
  })

  it('stays as it is when the new KEK is not to be had', async () => {
    writeFileSync(at('bad.yaml'), 'vault: { keyFile: absent }\n')
    const { status, stderr } = await sallyport(bed, 'key', 'rewrap', '--to', at('bad.yaml'))
    assert.equal(status, 1)
    assert.match(stderr, /no KEK file at .*\/absent/)
    assert.equal((await events('vault.rewrap-failed')).length, 1)
    assert.equal((await bed.ssh(['web', 'true'])).status, 0)
  })

  it('gives a key out when a second person says so in a call of their own', async () => {
    const identity = await generateIdentity()
    const recipient = await identityToRecipient(identity)
    const out = at('web.age')
    const ask = ['key', 'export', 'mine', '--to', recipient, '--out', out] as const
    const twice = ['--approved-by', 'Ada', '--approved-by', 'Grace']
    const both = await sallyport(bed, ...ask, ...twice)
    assert.match(both.stderr, /each of the two persons approves by a call of their own/)

    const asking = sallyport(bed, ...ask, '--approved-by', 'Ada')
    let ticket = ''
    while (ticket === '')
      ticket = /^export (\S+) of mine v1/.exec(await must('key', 'exports'))?.[1] ?? ''
    const alone = await sallyport(bed, 'key', 'approve-export', ticket, '--approved-by', 'ADA')
    assert.match(alone.stderr, /Ada asked for it: another person must approve/)
    assert.equal(existsSync(out), false)
    const said = await must('key', 'approve-export', ticket, '--approved-by', 'Grace')
    assert.match(
      said,
      new RegExp(`^approved: export ${ticket} of mine v1 .* for ${recipient}, asked`),
    )
    const { status, stdout, stderr } = await asking
    assert.equal(status, 0, stderr)
    assert.match(
      stdout,
      /web\.age holds mine v1 for age1\w+\nrotation due: mine v1 was given out on/,
    )
    assert.equal(statSync(out).mode & 0o777, 0o600)
    assert.match(await must('key', 'list'), /\nrotation due: mine v1 was given out on 20/)

    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    const text = await decrypter.decrypt(armor.decode(readFileSync(out, 'utf8')))
    writeFileSync(at('got'), text, { mode: 0o600 })
    const { stdout: line } = await run('ssh-keygen', ['-y', '-P', '', '-f', at('got')])
    assert.equal(line, readFileSync(at('mine.pub'), 'utf8'))
    const [event] = await events('vault.exported')
    assert.deepEqual(event?.['approvedBy'], ['Ada', 'Grace'])
    for (const file of [join(bed.data, 'audit.ndjson'), at('bastion.log')]) {
      assert.equal(/AGE ENCRYPTED|PRIVATE KEY/.test(readFileSync(file, 'utf8')), false, file)
    }
  })

  it('ends a wait for a second person who refuses', async () => {
    const recipient = await identityToRecipient(await generateIdentity())
    const out = at('none.age')
    const ask = ['key', 'export', 'web', '--to', recipient, '--out', out, '--approved-by', 'Ada']
    const asking = sallyport(bed, ...ask)
    let ticket = ''
    while (ticket === '')
      ticket = /^export (\S+) of web v1/.exec(await must('key', 'exports'))?.[1] ?? ''
    await must('key', 'refuse-export', ticket, '--refused-by', 'Grace')
    const { status, stderr } = await asking
    assert.equal(status, 1)
    assert.match(stderr, /no export \w+ waits; it may have ended/)
    assert.equal(existsSync(out), false)
    assert.doesNotMatch(await must('key', 'list'), /rotation due: web/)
  })

  it('has no old copy to accept', async () => {
    const { status, stderr } = await sallyport(bed, 'key', 'accept-generation', '1')
    assert.equal(status, 1)
    assert.match(
      stderr,
      /a bastion runs with this vault, at generation \d+: there is no old copy to/,
    )
  })
})

function filesIn(place: string): readonly string[] {
  if (statSync(place).isFile()) return [place]
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((name) => join(place, name))
    .filter((file) => statSync(file).isFile())
}
