import { runQuickstart } from '@sallyport/bastion/quickstart'
import { strict as assert } from 'node:assert'
import { access, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { readSummary, scratchFolder, startQuickstart, type Running } from './running.ts'
import { run } from '../../support/run.ts'

const STEPS = 7

describe('runQuickstart', () => {
  describe('with once', () => {
    let folder: Awaited<ReturnType<typeof scratchFolder>>
    let data: string
    const lines: string[] = []

    const once = (): Promise<number> =>
      runQuickstart({
        data,
        sshPort: 0,
        httpPort: 0,
        once: true,
        stdout: (text) => void lines.push(...text.split('\n')),
      })

    before(async () => {
      folder = await scratchFolder()
      data = join(folder.path, 'data')
    })
    after(async () => {
      await folder.remove()
    })
    beforeEach(() => {
      lines.length = 0
    })

    it('shows each step and ends with 0', async () => {
      assert.equal(await once(), 0, lines.join('\n'))
      assert.equal(lines.filter((line) => line.startsWith('   ok: ')).length, STEPS)
      assert.ok(
        lines.some((line) => line.includes('$ ssh -F') && line.includes('-J bastion deploy@web-1')),
      )
      assert.ok(
        lines.includes('   ok: exit status 126; none of the line was run'),
        lines.join('\n'),
      )
      assert.ok(lines.some((line) => line.startsWith('   sallyport: denied by rule no-removal: ')))
      assert.deepEqual(
        lines.filter((line) => /oidc-provider|WARNING|level/.test(line)),
        [],
      )
    })

    it('writes what quickstart.json promises', async () => {
      const summary = await readSummary(data)
      assert.equal(summary.ssh.host, '127.0.0.1')
      assert.match(summary.http.url, /^http:\/\/localhost:[0-9]+$/)
      assert.match(summary.issuer.url, /^http:\/\/127\.0\.0\.1:[0-9]+$/)
      assert.equal(summary.issuer.tokenEndpoint, `${summary.issuer.url}/token`)
      assert.equal(summary.issuer.audience, 'urn:sallyport:quickstart')
      assert.deepEqual(Object.keys(summary.clients), ['agent', 'human'])
      assert.deepEqual(Object.keys(summary.users), ['reviewer', 'approver', 'admin'])
      assert.deepEqual(summary.targets, [{ name: 'web-1', login: 'deploy' }])
      for (const file of [summary.knownHosts, summary.sshConfig]) await access(file)
    })

    it('keeps secrets to itself', async () => {
      const secrets = [
        'quickstart.json',
        'idp.json',
        'vault.json',
        'authorities.json',
        'web-client.secret',
        'sallyport.log',
        'agent/credentials',
        'agent/id_ed25519',
        'agent/token',
        'web-1/host_key',
      ]
      for (const name of secrets) assert.equal(await modeOf(join(data, name)), '600', name)
      assert.equal(await modeOf(join(data, 'vault.key')), '400')
      assert.equal(await modeOf(data), '700')
    })

    it('ends at the step that fails, says what was expected and seen, and returns 1', async () => {
      const file = join(data, 'policy.yaml')
      const policy = await readFile(file, 'utf8')
      await writeFile(file, policy.replaceAll('no-removal', 'keep-it'))
      try {
        assert.equal(await once(), 1)
      } finally {
        await writeFile(file, policy)
      }
      assert.equal(lines.filter((line) => line.startsWith('   ok: ')).length, 3)
      assert.ok(lines.includes('   FAILED: expected a denial by no-removal and exit status 126'))
      assert.ok(
        lines.some((line) =>
          /seen .*exit status 126, "sallyport: denied by rule keep-it/.test(line),
        ),
      )
    })

    it('tells of a policy that does not load, and closes what it had opened', async () => {
      const file = join(data, 'policy.yaml')
      const policy = await readFile(file, 'utf8')
      await writeFile(file, `${policy}  - id: broken\n`)
      try {
        await assert.rejects(once(), {
          code: 'ERR_BASTION_CONFIG',
          message: /policy\.yaml is not valid/,
        })
      } finally {
        await writeFile(file, policy)
      }
      assert.equal(await once(), 0, lines.join('\n'))
    })

    it('refuses to listen on the network', async () => {
      const file = join(data, 'sallyport.yaml')
      const config = await readFile(file, 'utf8')
      await writeFile(file, config.replace('http: { host: 127.0.0.1', 'http: { host: 0.0.0.0'))
      try {
        await assert.rejects(once(), {
          code: 'ERR_BASTION_QUICKSTART',
          message: /^the quickstart listens on 127\.0\.0\.1 only, not on 0\.0\.0\.0;/,
        })
      } finally {
        await writeFile(file, config)
      }
    })

    it('refuses a folder that ssh -J would trip over', async () => {
      await assert.rejects(
        runQuickstart({
          data: join(folder.path, 'my data'),
          sshPort: 0,
          httpPort: 0,
          once: true,
          stdout: () => {},
        }),
        { code: 'ERR_BASTION_QUICKSTART', message: /blanks or special characters/ },
      )
    })
  })

  describe('without once', () => {
    let folder: Awaited<ReturnType<typeof scratchFolder>>
    let running: Running

    before(async () => {
      folder = await scratchFolder()
      running = await startQuickstart(folder.path)
    })
    after(async () => {
      await running?.stop()
      await folder.remove()
    })

    it('lets stock ssh in from a cold start, and through a warm one', async () => {
      await rm(join(folder.path, 'agent', 'id_ed25519-cert.pub'))
      for (const start of ['cold', 'warm']) {
        const { status, stdout, stderr } = await running.ssh('web-1', 'tail -n 1 app.log')
        assert.equal(status, 0, `${start}: ${stderr}`)
        assert.equal(stdout, '09:02:48 shop: disk 81% full\n')
      }
    })

    it('gets one certificate for many that start cold at once', async () => {
      await rm(join(folder.path, 'agent', 'id_ed25519-cert.pub'))
      const audit = join(folder.path, 'audit.ndjson')
      const issued = async (): Promise<number> =>
        (await readFile(audit, 'utf8')).split('"issue.issued"').length - 1
      const before = await issued()
      const all = await Promise.all(Array.from({ length: 6 }, () => running.ssh('web-1', 'whoami')))
      assert.deepEqual(
        all.map(({ status }) => status),
        [0, 0, 0, 0, 0, 0],
      )
      assert.equal((await issued()) - before, 1)
    })

    it('denies with exit status 126 and one line', async () => {
      const { status, stdout, stderr } = await running.ssh('web-1', 'cat /etc/passwd')
      assert.equal(status, 126)
      assert.equal(stdout, '')
      assert.equal(
        stderr.trim(),
        'sallyport: denied by rule default: no rule allows this use of "cat"',
      )
    })

    it('gives the shell to people and not to agents', async () => {
      const denied = await running.ssh('-tt', 'web-1')
      assert.equal(denied.status, 126)
      assert.match(denied.stdout + denied.stderr, /denied by rule default: no rule allows a shell/)
      const shell = await run('ssh', ['-tt', '-F', running.summary.sshConfig, 'web-1-human'], {
        input: 'echo "I am $USER in $HOME"; exit 5\n',
      })
      assert.equal(shell.status, 5, shell.stderr)
      assert.ok(shell.stdout.includes(`I am deploy in ${folder.path}/web-1/home\r\n`), shell.stdout)
    })

    it('keeps a second quickstart out of the folder', async () => {
      await assert.rejects(
        runQuickstart({ data: folder.path, sshPort: 0, httpPort: 0, once: true, stdout: () => {} }),
        {
          code: 'ERR_BASTION_QUICKSTART',
          message: new RegExp(
            `^the folder ${folder.path} is in use by process ${process.pid} since .*--data$`,
          ),
        },
      )
      assert.equal((await readSummary(folder.path)).ssh.port, running.summary.ssh.port)
    })

    it('names the option for a port that is taken', async () => {
      const other = await scratchFolder()
      const { port } = running.summary.ssh
      try {
        await assert.rejects(
          runQuickstart({
            data: other.path,
            sshPort: port,
            httpPort: 0,
            once: true,
            stdout: () => {},
          }),
          {
            code: 'ERR_BASTION_QUICKSTART',
            message: `port ${port} is taken; choose another with --ssh-port, 0 for any free one`,
          },
        )
      } finally {
        await other.remove()
      }
    })

    it('closes when told, and starts again on the same folder with the same secrets', async () => {
      const { summary } = running
      assert.equal(await running.stop(), 0)
      assert.equal(await answers(summary.ssh.port), false)
      running = await startQuickstart(folder.path)
      assert.deepEqual(running.summary.clients, summary.clients)
      assert.equal(running.summary.issuer.url, summary.issuer.url)
      const { stdout } = await running.ssh('web-1', 'ls releases')
      assert.equal(stdout, '42.txt\n')
    })
  })
})

async function modeOf(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o777).toString(8)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
