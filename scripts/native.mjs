// Builds the native parts of ssh2 and node-pty for the very Node that runs Sallyport: the one in node_modules, not the
// one that ran npm. Runs on old Node too, so it uses nothing newer than Node 18. A missing compiler is no error:
// without the addon ciphers are slower, and it says so; without node-pty the demonstration target has no terminal.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinned = join(root, 'node_modules', '.bin', 'node')
const isPinned = existsSync(pinned)
const node = isPinned ? pinned : process.execPath
const require = createRequire(join(root, 'package.json'))
const warn = (text) => process.stderr.write(`sallyport: ${text}\n`)

/** Whether the Node that runs Sallyport loads the addon or package at `path`. */
function loads(path) {
  const script = `require(${JSON.stringify(path)})`
  return spawnSync(node, ['-e', script], { stdio: 'ignore' }).status === 0
}

/** Whether the addon at `path` was built without ssh2-addon.h: such a one can end the process at any time. */
function isUnsafe(path) {
  return existsSync(path) && readFileSync(path).includes('RemoveEnvironmentCleanupHook')
}

/** Builds a package again, for that Node; resolves when that has ended, well or not. */
async function rebuild(name, flags) {
  const env = { ...process.env, npm_config_ignore_scripts: 'false', CXXFLAGS: flags }
  if (isPinned) {
    const execPath = spawnSync(node, ['-p', 'process.execPath'], { encoding: 'utf8' }).stdout.trim()
    // The registry's package carries the headers of its Node, beside the folder of the program.
    env.npm_config_nodedir = dirname(dirname(execPath))
    env.PATH = `${dirname(pinned)}:${process.env.PATH}`
  }
  const npm = spawn('npm', ['rebuild', '--loglevel=error', name], {
    cwd: root,
    env,
    stdio: 'ignore',
  })
  await once(npm, 'exit').catch(() => {})
}

async function buildTerminals() {
  const terminals = join(root, 'node_modules', 'node-pty')
  if (existsSync(terminals) && !loads(terminals)) await rebuild('node-pty', '')
}

async function buildCiphers() {
  const ssh2 = dirname(require.resolve('ssh2/package.json'))
  const addon = join(ssh2, 'lib', 'protocol', 'crypto', 'build', 'Release', 'sshcrypto.node')
  if (!isPinned) {
    if (isUnsafe(addon)) rmSync(addon)
    warn(
      'the registry has no pinned Node for this platform (only linux x64 and arm64); using the one on PATH',
    )
    return
  }
  if (loads(addon) && !isUnsafe(addon)) return
  // Not cpu-features with it: ssh2 asks that only for an order of ciphers, and ours is our own.
  await rebuild('ssh2', `-include ${join(root, 'scripts', 'ssh2-addon.h')}`)
  // Slower ciphers are better than a bastion that ends in the middle of its sessions.
  if (isUnsafe(addon)) rmSync(addon)
  if (loads(addon)) return
  warn(
    'the native ciphers of ssh2 were not built (needs a C++ compiler, make and python3); the slower ones of Node are used',
  )
}

await Promise.all([buildTerminals(), buildCiphers()])
