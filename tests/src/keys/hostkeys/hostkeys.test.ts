import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findHostKeys, parseKnownHosts } from '@sallyport/keys/hostkeys'
import type { KnownHosts } from '@sallyport/keys/hostkeys'
import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import type { PublicKey } from '@sallyport/keys/publickey'
import { scratchFolder } from '../durable/scratch-folder.ts'

const types = ['ed25519', 'ecdsa', 'rsa', 'second'] as const

describe('known hosts', () => {
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

  function read(text: string): KnownHosts {
    const known = parseKnownHosts(text)
    assert.deepEqual(known.problems, [])
    return known
  }

  /** What the file says of the key `ed25519` at one address. */
  function said(known: KnownHosts, host: string, port = 22): string {
    const { keys } = findHostKeys(known, [{ host, port }])
    const found = keys.find(({ publicKey }) => publicKey.blob.equals(blob('ed25519')))
    return found === undefined ? 'nothing' : `${found.state} ${found.kind}`
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
      const told = problems.map(({ line: at, message }) => ({ line: at, message }))
      assert.deepEqual(told, [
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
      const known = read(
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
        ['web-1', 22, 'pinned key'],
        ['WEB-1', 22, 'pinned key'],
        ['10.0.0.1', 22, 'pinned key'],
        ['web-1', 2222, 'nothing'],
        ['db', 2222, 'pinned key'],
        ['db', 22, 'nothing'],
        ['a.prod', 22, 'pinned key'],
        ['a.b.prod', 22, 'pinned key'],
        ['prod', 22, 'nothing'],
        ['a.prod.evil', 22, 'nothing'],
        ['secret.prod', 22, 'nothing'],
        ['SECRET.prod', 22, 'nothing'],
        ['node-1', 22, 'pinned key'],
        ['node-10', 22, 'nothing'],
        ['a.lab', 2201, 'pinned key'],
        ['a.lab', 22, 'nothing'],
        ['::1', 22, 'pinned key'],
      ] as const) {
        assert.equal(said(known, host, port), expected, `${host} ${port}`)
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
      const known = read(text)
      for (const [host, port] of [
        ['web-1', 22],
        ['Web-1', 22],
        ['db.prod', 2222],
        ['both', 22],
        ['10.0.0.9', 22],
      ] as const) {
        assert.equal(said(known, host, port), 'pinned key', host)
      }
      assert.equal(said(known, 'db.prod'), 'nothing')
      assert.equal(said(known, 'web-2'), 'nothing')
    })

    it('fit the same lines as ssh-keygen -F finds', async () => {
      const file = join(folder(), 'known_hosts')
      const text = `*.prod,!secret.prod ${line('ed25519')}\n[db]:2222 ${line('ed25519')}\nnode-? ${line('ed25519')}\n`
      await writeFile(file, text)
      const known = read(text)
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
        assert.equal(said(known, host, port) === 'pinned key', found, name)
      }
    })
  })
  describe('findHostKeys', () => {
    const web = { host: 'web-1', port: 22 }

    it('tells pins, authorities and revocations apart', () => {
      const known = read(
        `web-1 ${line('rsa')}\n@cert-authority *-1 ${line('ecdsa')}\n@revoked * ${line('second')}`,
      )
      const { keys } = findHostKeys(known, [web])
      assert.deepEqual(
        keys.map(({ kind, state, publicKey }) => [kind, state, publicKey.type]),
        [
          ['key', 'revoked', 'ssh-ed25519'],
          ['key', 'pinned', 'ssh-rsa'],
          ['authority', 'pinned', 'ecdsa-sha2-nistp256'],
        ],
      )
    })

    it('takes a revocation for the last word, wherever it stands', () => {
      for (const text of [
        `web-1 ${line('ed25519')}\n@revoked * ${line('ed25519')}`,
        `@revoked * ${line('ed25519')}\n@cert-authority web-1 ${line('ed25519')}`,
      ]) {
        const { keys } = findHostKeys(read(text), [web])
        assert.deepEqual(
          keys.map(({ state }) => state),
          ['revoked'],
        )
      }
    })

    it('finds a host under any of its addresses', () => {
      const known = read(`[10.0.0.5]:2222 ${line('ed25519')}\nweb-1 ${line('rsa')}`)
      const { keys } = findHostKeys(known, [{ host: '10.0.0.5', port: 2222 }, web])
      assert.equal(keys.length, 2)
    })

    it('reports a line that cannot be read only where it may speak of the host', () => {
      const known = parseKnownHosts(
        [
          'web-1 ssh-dss AAAAB3NzaC1kc3M=',
          'web-2 ssh-dss AAAAB3NzaC1kc3M=',
          `@trusted web-2 ${line('ed25519')}`,
          'alone',
          `|1|short|hash= ${line('ed25519')}`,
        ].join('\n'),
      )
      const told = findHostKeys(known, [web]).problems.map((problem) => problem.line)
      assert.deepEqual(told, [1, 4, 5])
    })
  })
})
