// Builds the native part of ssh2 for the very Node that runs Sallyport: the one in node_modules, not the one that ran
// npm. Runs on old Node too, so it uses nothing newer than Node 18. A missing compiler is no error: without the addon
// ciphers are slower, and it says so.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinned = join(root, 'node_modules', '.bin', 'node')
const require = createRequire(join(root, 'package.json'))
const warn = (text) => process.stderr.write(`sallyport: ${text}\n`)

/** Whether the pinned Node loads the addon at `path`. */
function loads(path) {
  const script = `require(${JSON.stringify(path)})`
  return spawnSync(pinned, ['-e', script], { stdio: 'ignore' }).status === 0
}

function main() {
  if (!existsSync(pinned)) {
    warn(
      'the registry has no pinned Node for this platform (only linux x64 and arm64); using the one on PATH',
    )
    return
  }
  const ssh2 = dirname(require.resolve('ssh2/package.json'))
  const addon = join(ssh2, 'lib', 'protocol', 'crypto', 'build', 'Release', 'sshcrypto.node')
  if (loads(addon)) return
  const execPath = spawnSync(pinned, ['-p', 'process.execPath'], { encoding: 'utf8' }).stdout.trim()
  // The registry's package carries the headers of its Node, beside the folder of the program.
  const nodedir = dirname(dirname(execPath))
  const args = ['rebuild', '--loglevel=error', 'ssh2', 'cpu-features']
  spawnSync('npm', args, {
    cwd: root,
    env: {
      ...process.env,
      npm_config_nodedir: nodedir,
      PATH: `${dirname(pinned)}:${process.env.PATH}`,
    },
    stdio: 'ignore',
  })
  if (loads(addon)) return
  warn(
    'the native ciphers of ssh2 were not built (needs a C++ compiler, make and python3); the slower ones of Node are used',
  )
}

main()
