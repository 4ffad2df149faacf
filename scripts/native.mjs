// Builds the native parts of ssh2 and node-pty for the very Node that runs Sallyport: the one in node_modules, not the
// one that ran npm. Runs on old Node too, so it uses nothing newer than Node 18. A missing compiler is no error: without the addon
// ciphers are slower, and it says so.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinned = join(root, 'node_modules', '.bin', 'node')
const require = createRequire(join(root, 'package.json'))
const warn = (text) => process.stderr.write(`sallyport: ${text}\n`)

/** Whether the pinned Node loads the addon or package at `path`. */
function loads(path) {
  const script = `require(${JSON.stringify(path)})`
  return spawnSync(pinned, ['-e', script], { stdio: 'ignore' }).status === 0
}

/** Whether the addon at `path` was built without ssh2-addon.h: such a one can end the process at any time. */
function isUnsafe(path) {
  return existsSync(path) && readFileSync(path).includes('RemoveEnvironmentCleanupHook')
}

function main() {
  const ssh2 = dirname(require.resolve('ssh2/package.json'))
  const addon = join(ssh2, 'lib', 'protocol', 'crypto', 'build', 'Release', 'sshcrypto.node')
  if (!existsSync(pinned)) {
    if (isUnsafe(addon)) rmSync(addon)
    warn(
      'the registry has no pinned Node for this platform (only linux x64 and arm64); using the one on PATH',
    )
    return
  }
  const execPath = spawnSync(pinned, ['-p', 'process.execPath'], { encoding: 'utf8' }).stdout.trim()
  // The registry's package carries the headers of its Node, beside the folder of the program.
  const nodedir = dirname(dirname(execPath))
  const rebuild = (packages, flags) =>
    spawnSync('npm', ['rebuild', '--loglevel=error', ...packages], {
      cwd: root,
      env: {
        ...process.env,
        npm_config_nodedir: nodedir,
        npm_config_ignore_scripts: 'false',
        CXXFLAGS: flags,
        PATH: `${dirname(pinned)}:${process.env.PATH}`,
      },
      stdio: 'ignore',
    })
  const terminals = join(root, 'node_modules', 'node-pty')
  // Without it all works but terminals at the demonstration target, which says so.
  if (existsSync(terminals) && !loads(terminals)) rebuild(['node-pty'], '')
  if (loads(addon) && !isUnsafe(addon)) return
  rebuild(['ssh2', 'cpu-features'], `-include ${join(root, 'scripts', 'ssh2-addon.h')}`)
  // Slower ciphers are better than a bastion that ends in the middle of its sessions.
  if (isUnsafe(addon)) rmSync(addon)
  if (loads(addon)) return
  warn(
    'the native ciphers of ssh2 were not built (needs a C++ compiler, make and python3); the slower ones of Node are used',
  )
}

main()
