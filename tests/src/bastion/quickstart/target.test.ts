import { loadTerminals, openTarget, prepareTarget } from '@sallyport/bastion/quickstart/target'
import type { DemonstrationTarget } from '@sallyport/bastion/quickstart/target'
import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../support/port.ts'
import { python } from '../../support/python.ts'
import { bash, run, type Finished, type RunOptions } from '../../support/run.ts'
import { scratchFolder } from './running.ts'

describe('the demonstration target', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let target: DemonstrationTarget
  let bare: DemonstrationTarget
  let home: string
  let options: readonly string[]
  const ssh = (args: readonly string[], more?: RunOptions): Promise<Finished> =>
    run('ssh', [...options, ...args], more)

  before(async () => {
    folder = await scratchFolder()
    const place = join(folder.path, 'web-1')
    home = join(place, 'home')
    for (const name of ['id', 'other']) {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder.path, name)])
    }
    const port = await freePort()
    const barePort = await freePort()
    const hostKey = await prepareTarget(place)
    const authorizedKey = parsePublicKeyLine(
      (await readFile(join(folder.path, 'id.pub'), 'utf8')).trim(),
    )
    const startInTerminal = await loadTerminals()
    const common = { folder: place, host: '127.0.0.1', authorizedKey }
    target = await openTarget({ ...common, port, startInTerminal })
    bare = await openTarget({ ...common, port: barePort, startInTerminal: undefined })
    await writeFile(join(folder.path, 'known_hosts'), `web-1 ${hostKey}\n`)
    const config = join(folder.path, 'config')
    await writeFile(
      config,
      `Host web-1
  HostName 127.0.0.1
  HostKeyAlias web-1
  Port ${port}
Host bare
  HostName 127.0.0.1
  HostKeyAlias web-1
  Port ${barePort}
Host *
  User deploy
  IdentityFile ${folder.path}/id
  IdentitiesOnly yes
  IdentityAgent none
  BatchMode yes
  StrictHostKeyChecking yes
  UserKnownHostsFile ${folder.path}/known_hosts
`,
    )
    options = ['-F', config]
  })
  after(async () => {
    await target?.close()
    await bare?.close()
    await folder.remove()
  })

  it('keeps its host key', async () => {
    const line = await readFile(join(folder.path, 'known_hosts'), 'utf8')
    assert.equal(`web-1 ${await prepareTarget(join(folder.path, 'web-1'))}\n`, line)
  })

  it('lets in one key for one login', async () => {
    const file = join(folder.path, 'other_config')
    const config = await readFile(join(folder.path, 'config'), 'utf8')
    await writeFile(file, config.replace('/id\n', '/other\n'))
    const otherKey = await run('ssh', ['-F', file, 'web-1', 'true'])
    assert.equal(otherKey.status, 255)
    assert.match(otherKey.stderr, /Permission denied \(publickey\)/)
    const otherLogin = await ssh(['root@web-1', 'true'])
    assert.equal(otherLogin.status, 255)
    assert.match(otherLogin.stderr, /Permission denied \(publickey\)/)
  })

  it('keeps exit status, stdout and stderr apart', async () => {
    const { status, stdout, stderr } = await ssh(['web-1', 'echo out; echo err >&2; exit 7'])
    assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: 'out\n', stderr: 'err\n' })
  })

  it('tells of the signal that ended a command', async () => {
    const { stderr } = await ssh(['-v', 'web-1', 'kill -TERM $$'])
    assert.match(stderr, /client_input_channel_req: channel 0 rtype exit-signal/)
  })

  it('gives a command a minimal environment', async () => {
    const { stdout } = await ssh(['web-1', 'env | cut -d= -f1 | sort | tr "\\n" " "; pwd'], {
      env: { SECRET: 'x' },
    })
    assert.equal(stdout, `HOME LANG LOGNAME PATH PS1 PWD TERM USER ${home}\n`)
  })

  it('carries standard input to its end', async () => {
    const input = randomBytes(5_000_000)
    await writeFile(join(folder.path, 'big'), input)
    const { stdout } = await bash(
      `ssh ${options.join(' ')} web-1 cat < ${folder.path}/big | sha256sum; sha256sum < ${folder.path}/big`,
    )
    const [sent, back] = stdout.trim().split('\n')
    assert.equal(sent, back)
  })

  it('loses nothing when both streams stall', async () => {
    const command = 'head -c 6000000 /dev/zero & head -c 6000000 /dev/zero >&2 & wait'
    const child = spawn('ssh', [...options, 'web-1', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await sleep(500)
    const sizes = await Promise.all([sizeOf(child.stdout, 500), sizeOf(child.stderr, 0)])
    assert.deepEqual(sizes, [6_000_000, 6_000_000])
  })

  it('hangs up on what nobody listens to any more', async () => {
    const { stdout } = await bash(
      `ssh ${options.join(' ')} web-1 'echo $$ > pid; exec yes' | head -n 1`,
    )
    assert.equal(stdout, 'y\n')
    const pid = Number(await readFile(join(home, 'pid'), 'utf8'))
    for (let tries = 0; tries < 50 && isAlive(pid); tries += 1) await sleep(50)
    assert.equal(isAlive(pid), false)
  })

  it('gives a terminal its size and every change of it', async () => {
    const { status, stdout } = await python('resize.py', [...options, '-tt', 'web-1'])
    assert.equal(stdout.trim(), '33 99 then 55 123')
    assert.equal(status, 0)
  })

  it('shows all that a terminal had, however slow the reader is', async () => {
    const command =
      'i=0; while [ $i -lt 4000 ]; do echo "line $i ........................................"; i=$((i+1)); done'
    const { stdout } = await bash(
      `ssh ${options.join(' ')} -tt web-1 '${command}' | { sleep 1; cat; } | tail -n 1`,
    )
    assert.match(stdout, /^line 3999 /)
  })

  it('says so where it has no terminals, and serves plain lines', async () => {
    const { status, stdout, stderr } = await ssh(['-tt', 'bare'], { input: 'echo plain\nexit 6\n' })
    assert.equal(stdout, 'echo plain\r\nexit 6\r\nplain\r\n')
    assert.match(stderr, /no terminal here, since node-pty is not built; type whole lines/)
    assert.equal(status, 6)
  })

  it('serves a shell without a terminal', async () => {
    const { status, stdout } = await ssh(['-T', 'web-1'], { input: 'echo "in $PWD"\nexit 4\n' })
    assert.deepEqual({ status, stdout }, { status: 4, stdout: `in ${home}\n` })
  })

  it('serves sftp and refuses other subsystems', async () => {
    await writeFile(join(folder.path, 'up'), 'by sftp\n')
    const put = await run('sftp', [...options, '-b', '-', 'web-1'], {
      input: `put ${folder.path}/up releases/up\nget app.log ${folder.path}/down\n`,
    })
    assert.equal(put.status, 0, put.stderr)
    assert.equal(await readFile(join(home, 'releases', 'up'), 'utf8'), 'by sftp\n')
    assert.match(await readFile(join(folder.path, 'down'), 'utf8'), /disk 81% full/)
    const other = await ssh(['-s', 'web-1', 'netconf'])
    assert.match(other.stderr, /subsystem request failed/)
  })

  it('forwards nothing', async () => {
    const { stderr, status } = await ssh(['-W', '127.0.0.1:22', 'web-1'])
    assert.notEqual(status, 0)
    assert.match(stderr, /open failed|forwarding failed/)
  })
})

async function sizeOf(stream: Readable, pause: number): Promise<number> {
  await sleep(pause)
  let size = 0
  for await (const chunk of stream) size += Buffer.from(chunk).length
  return size
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
