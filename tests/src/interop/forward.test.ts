import { strict as assert } from 'node:assert'
import { createServer, type Server } from 'node:http'
import { openBed, type Bed } from '../support/bed.ts'
import { freePort } from '../support/port.ts'

describe('relay: forwards over -J with stock OpenSSH', () => {
  let bed: Bed
  let web: Server
  let port: number

  before(async () => {
    bed = await openBed()
    web = createServer((_request, response) => response.end('served\n'))
    port = await freePort()
    await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve))
  })
  after(async () => {
    web.closeAllConnections()
    web.close()
    await bed?.close()
  })

  const serves = async (script: string, expected = 'served\n'): Promise<void> => {
    const { stdout, stderr } = await bed.sh(script, { env: { P: String(port) } })
    assert.equal(stdout, expected, stderr)
  }
  /** Runs ssh with `options` in the background, waits for `ready`, runs `use`, and ends it. */
  const during = (options: string, ready: string, use: string): string =>
    `ssh -F $C -N ${options} web & pid=$!
     for i in $(seq 100); do ${ready} && break; sleep 0.05; done
     ${use}; kill $pid; wait $pid 2> /dev/null; true`
  const open = (where: string): string => `curl -s -m 1 ${where} -o /dev/null http://x/`

  it('-L to a TCP port', async () => {
    const local = await freePort()
    await serves(
      during(
        `-L 127.0.0.1:${local}:127.0.0.1:$P`,
        `curl -s -m 1 -o /dev/null http://127.0.0.1:${local}/`,
        `curl -s -m 5 http://127.0.0.1:${local}/`,
      ),
    )
  })

  it('-L from a unix socket', async () => {
    await serves(
      during(
        '-L $D/local.sock:127.0.0.1:$P',
        open('--unix-socket $D/local.sock'),
        'curl -s -m 5 --unix-socket $D/local.sock http://x/',
      ),
    )
  })

  it('-L to a unix socket at the target', async () => {
    const local = await freePort()
    await serves(
      `socat UNIX-LISTEN:$D/there.sock,fork TCP:127.0.0.1:$P & echo $! > relay.pid
       ${during(
         `-L 127.0.0.1:${local}:$D/there.sock`,
         `curl -s -m 1 -o /dev/null http://127.0.0.1:${local}/`,
         `curl -s -m 5 http://127.0.0.1:${local}/`,
       )}
       kill $(cat relay.pid)`,
    )
  })

  it('-R from a TCP port at the target', async () => {
    const remote = await freePort()
    await serves(
      `ssh -F $C -R 127.0.0.1:${remote}:127.0.0.1:$P web 'curl -s -m 5 http://127.0.0.1:${remote}/' < /dev/null`,
    )
  })

  it('-R with a port that the target chooses', async () => {
    const { stderr } = await bed.ssh(['-R', `127.0.0.1:0:127.0.0.1:${port}`, 'web', 'true'])
    assert.match(stderr, /^Allocated port \d+ for remote forward/)
  })

  it('-R from a unix socket at the target', async () => {
    await serves(
      `ssh -F $C -R $D/remote.sock:127.0.0.1:$P web "curl -s -m 5 --unix-socket $D/remote.sock http://x/" < /dev/null`,
    )
  })

  it('-D', async () => {
    const socks = await freePort()
    await serves(
      during(
        `-D 127.0.0.1:${socks}`,
        `curl -s -m 1 --socks5 127.0.0.1:${socks} -o /dev/null http://127.0.0.1:$P/`,
        `curl -s -m 5 --socks5 127.0.0.1:${socks} http://127.0.0.1:$P/`,
      ),
    )
  })

  it('-W to a port of the target', async () => {
    await serves(`ssh -F $C -W 127.0.0.1:${bed.sshd.port} web < /dev/null | head -c 8`, 'SSH-2.0-')
  })

  it('-A, the agent', async () => {
    await serves(
      `eval $(ssh-agent) > /dev/null; ssh-add -q ${bed.folder}/id 2> /dev/null
       ssh -F $C -o IdentityAgent=SSH_AUTH_SOCK -A web 'ssh-add -l | wc -l' < /dev/null
       ssh-agent -k > /dev/null`,
      '2\n',
    )
  })

  it('refuses a forward that no rule allows, and says which rule', async () => {
    const { stdout } = await bed.sh(
      `ssh -F $C -W 127.0.0.2:9 web < /dev/null 2>&1; echo; echo "$(ssh -F $C -W 169.254.169.254:80 web 2>&1 < /dev/null)"`,
    )
    assert.match(stdout, /administratively prohibited: sallyport: denied by rule default/)
  })
})
