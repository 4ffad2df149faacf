import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHostKeyPins, parseKnownHosts, pinHostKey } from '@sallyport/keys/hostkeys'
import type { HostKeyPins } from '@sallyport/keys/hostkeys'
import { fingerprint, parsePublicKeyLine } from '@sallyport/keys/publickey'
import type { PublicKey } from '@sallyport/keys/publickey'
import { scratchFolder } from '../durable/scratch-folder.ts'

const types = ['ed25519', 'ecdsa', 'rsa', 'second'] as const

describe('known hosts and pins', () => {
  const folder = scratchFolder()
  const keys = new Map<string, PublicKey>()
  const lines = new Map<string, string>()

  before(async () => {
    const made = await mkdtemp(join(tmpdir(), 'sallyport-keys-'))
    for (const name of types) {
      const type = name === 'second' ? 'ed25519' : name
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(made, name)])
      const line = (await readFile(join(made, `${name}.pub`), 'utf8')).trim()
      lines.set(name, line)
      keys.set(name, parsePublicKeyLine(line))
    }
    await rm(made, { recursive: true })
  })

  function line(name: (typeof types)[number]): string {
    return lines.get(name) ?? ''
  }

  function blob(name: (typeof types)[number]): Buffer {
    return keys.get(name)?.blob ?? Buffer.alloc(0)
  }

  function pinsOf(text: string): HostKeyPins {
    const { entries, problems } = parseKnownHosts(text)
    assert.deepEqual(problems, [])
    return createHostKeyPins(entries)
  }

  function kind(
    pins: HostKeyPins,
    host: string,
    port = 22,
    name: (typeof types)[number] = 'ed25519',
  ) {
    return pins.check({ host, port }, blob(name)).kind
  }

  describe('parseKnownHosts', () => {
    it('skips comments and blank lines, and counts lines from 1', () => {
      const { entries, problems } = parseKnownHosts(
        `# hosts\r\n\n  \t\nweb-1 ${line('ed25519')} a comment\r\n`,
      )
      assert.deepEqual(problems, [])
      assert.deepEqual(
        entries.map((entry) => [entry.line, entry.marker, entry.publicKey.type]),
        [[4, 'none', 'ssh-ed25519']],
      )
    })

    it('reports bad lines with their number and keeps the good ones', () => {
      const { entries, problems } = parseKnownHosts(
        [
          'web-1',
          `web-1 ${line('ed25519')}`,
          `@trusted web-1 ${line('ed25519')}`,
          `|1|short|hash= ${line('ed25519')}`,
          `web-1,,web-2 ${line('ed25519')}`,
          `web-1 ssh-rsa ${line('ed25519').split(' ')[1]}`,
          'web-1 ssh-dss AAAAB3NzaC1kc3M=',
          'web-1 1024 65537 1234567',
        ].join('\n'),
      )
      assert.deepEqual(
        entries.map((entry) => entry.line),
        [2],
      )
      assert.deepEqual(problems, [
        { line: 1, message: 'not a line "names type key"' },
        { line: 3, message: 'marker @trusted is not known' },
        { line: 4, message: 'host names are malformed' },
        { line: 5, message: 'host names are malformed' },
        { line: 6, message: 'line says ssh-rsa, its key is ssh-ed25519' },
        { line: 7, message: 'public key type "ssh-dss" is not accepted' },
        { line: 8, message: problems.at(-1)?.message },
      ])
    })

    it('reports each line that was cut short', () => {
      const whole = `@revoked web-1 ${line('ed25519')}`
      for (let length = 1; length < whole.length; length++) {
        const { entries, problems } = parseKnownHosts(whole.slice(0, length))
        assert.deepEqual([entries.length, problems.length], [0, 1], whole.slice(0, length))
      }
    })
  })

  describe('host names', () => {
    it('fit without regard to case, with their port, with wildcards and negation', () => {
      const pins = pinsOf(
        [
          `Web-1,10.0.0.1 ${line('ed25519')}`,
          `[db]:2222 ${line('ed25519')}`,
          `*.prod,!secret.prod ${line('ed25519')}`,
          `node-? ${line('ed25519')}`,
          `[*.lab]:22?? ${line('ed25519')}`,
          `::1 ${line('ed25519')}`,
        ].join('\n'),
      )
      for (const [host, port, expected] of [
        ['web-1', 22, 'pinned'],
        ['WEB-1', 22, 'pinned'],
        ['10.0.0.1', 22, 'pinned'],
        ['web-1', 2222, 'unpinned'],
        ['db', 2222, 'pinned'],
        ['db', 22, 'unpinned'],
        ['a.prod', 22, 'pinned'],
        ['a.b.prod', 22, 'pinned'],
        ['prod', 22, 'unpinned'],
        ['a.prod.evil', 22, 'unpinned'],
        ['secret.prod', 22, 'unpinned'],
        ['SECRET.prod', 22, 'unpinned'],
        ['node-1', 22, 'pinned'],
        ['node-10', 22, 'unpinned'],
        ['a.lab', 2201, 'pinned'],
        ['a.lab', 22, 'unpinned'],
        ['::1', 22, 'pinned'],
      ] as const) {
        assert.equal(kind(pins, host, port), expected, `${host} ${port}`)
      }
    })

    it('fit as ssh-keygen -H hashes them', async () => {
      const file = join(folder(), 'known_hosts')
      await writeFile(
        file,
        `web-1 ${line('ed25519')}\n[db.prod]:2222 ${line('ed25519')}\nboth,10.0.0.9 ${line('ed25519')}\n`,
      )
      execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
      const text = await readFile(file, 'utf8')
      assert.match(text, /^\|1\|/)
      assert.equal(text.includes('web-1'), false)
      const pins = pinsOf(text)
      for (const [host, port] of [
        ['web-1', 22],
        ['Web-1', 22],
        ['db.prod', 2222],
        ['both', 22],
        ['10.0.0.9', 22],
      ] as const) {
        assert.equal(kind(pins, host, port), 'pinned', host)
      }
      assert.equal(kind(pins, 'db.prod'), 'unpinned')
      assert.equal(kind(pins, 'web-2'), 'unpinned')
    })

    it('fit the same lines as ssh-keygen -F finds', async () => {
      const file = join(folder(), 'known_hosts')
      const text = `*.prod,!secret.prod ${line('ed25519')}\n[db]:2222 ${line('ed25519')}\nnode-? ${line('ed25519')}\n`
      await writeFile(file, text)
      const pins = pinsOf(text)
      for (const [host, port] of [
        ['a.prod', 22],
        ['secret.prod', 22],
        ['db', 2222],
        ['db', 22],
        ['node-7', 22],
        ['node-', 22],
      ] as const) {
        const name = port === 22 ? host : `[${host}]:${port}`
        let found = true
        try {
          execFileSync('ssh-keygen', ['-F', name, '-f', file], { stdio: 'ignore' })
        } catch {
          found = false
        }
        assert.equal(kind(pins, host, port) === 'pinned', found, name)
      }
    })
  })

  describe('check', () => {
    it('says what was expected when another key is offered', () => {
      const pins = pinsOf(`web-1 ${line('ed25519')}\nweb-1 ${line('rsa')}`)
      assert.deepEqual(pins.check({ host: 'web-1', port: 22 }, blob('second')), {
        kind: 'mismatch',
        expected: [fingerprint(blob('ed25519')), fingerprint(blob('rsa'))],
        offered: fingerprint(blob('second')),
      })
      assert.equal(kind(pins, 'web-1', 22, 'rsa'), 'pinned')
    })

    it('never takes a first key on trust', () => {
      const pins = pinsOf('')
      const unpinned = { kind: 'unpinned', offered: fingerprint(blob('ed25519')) }
      assert.deepEqual(pins.check({ host: 'web-1', port: 22 }, blob('ed25519')), unpinned)
      assert.deepEqual(pins.check({ host: 'web-1', port: 22 }, blob('ed25519')), unpinned)
    })

    it('refuses a revoked key, also where it is pinned', () => {
      const pins = pinsOf(`web-1 ${line('ed25519')}\n@revoked * ${line('ed25519')}`)
      assert.equal(kind(pins, 'web-1'), 'revoked')
      assert.equal(kind(pins, 'elsewhere'), 'revoked')
      assert.equal(kind(pins, 'web-1', 22, 'rsa'), 'mismatch')
    })

    it('does not take the key of an authority for a host key', () => {
      const pins = pinsOf(`@cert-authority *.prod ${line('ed25519')}`)
      assert.equal(kind(pins, 'a.prod'), 'unpinned')
      assert.deepEqual(pins.algorithmsFor({ host: 'a.prod', port: 22 }), [])
    })

    it('takes nothing but the whole key', () => {
      const pins = pinsOf(`web-1 ${line('ed25519')}`)
      const key = blob('ed25519')
      for (let length = 0; length < key.length; length++) {
        const check = pins.check({ host: 'web-1', port: 22 }, key.subarray(0, length))
        assert.equal(check.kind, 'mismatch')
      }
    })
  })

  describe('algorithmsFor', () => {
    const target = { host: 'web-1', port: 22 }

    it('offers the algorithms of the pinned keys, best first', () => {
      const pins = pinsOf(`web-1 ${line('rsa')}\nweb-1 ${line('ecdsa')}\n* ${line('ed25519')}`)
      assert.deepEqual(pins.algorithmsFor(target), [
        'ssh-ed25519',
        'ecdsa-sha2-nistp256',
        'rsa-sha2-512',
        'rsa-sha2-256',
      ])
      assert.deepEqual(pins.algorithmsFor({ host: 'web-2', port: 22 }), ['ssh-ed25519'])
    })

    it('leaves out revoked keys, and is empty when nothing is pinned', () => {
      const pins = pinsOf(
        `web-1 ${line('rsa')}\nweb-1 ${line('ed25519')}\n@revoked * ${line('ed25519')}`,
      )
      assert.deepEqual(pins.algorithmsFor(target), ['rsa-sha2-512', 'rsa-sha2-256'])
      assert.deepEqual(pinsOf('').algorithmsFor(target), [])
    })
  })

  describe('pinHostKey', () => {
    it('pins one key at one address', () => {
      const pins = createHostKeyPins([
        pinHostKey({ host: 'Web-1', port: 2222 }, parsePublicKeyLine(line('ed25519'))),
      ])
      assert.equal(kind(pins, 'web-1', 2222), 'pinned')
      assert.equal(kind(pins, 'web-1'), 'unpinned')
    })

    it('refuses a host that would be read as a pattern', () => {
      const key = parsePublicKeyLine(line('ed25519'))
      for (const host of ['*', 'web-?', 'a,b', '!a', 'a b', '']) {
        assert.throws(
          () => pinHostKey({ host, port: 22 }, key),
          new TypeError(`"${host}" is not a host name`),
        )
      }
    })
  })
})
