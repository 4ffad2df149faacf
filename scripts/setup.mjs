// Makes a fresh checkout ready: npm packages, and the programs that the quickstart or (--for-tests) the tests drive.
// Does nothing when all is there; fails with the exact list when something is missing that it may not install.
// Runs on old Node, so it uses nothing newer than Node 18.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const say = (text) => process.stdout.write(`sallyport: ${text}\n`)

/** A program (or an absolute path), and the Debian package that has it. */
const forQuickstart = [
  ['ssh', 'openssh-client'],
  ['scp', 'openssh-client'],
  ['curl', 'curl'],
]
const forTests = [
  ...forQuickstart,
  ['/usr/sbin/sshd', 'openssh-server'],
  ['/usr/lib/openssh/sftp-server', 'openssh-sftp-server'],
  ['sftp', 'openssh-client'],
  ['chromium-headless-shell', 'chromium-headless-shell'],
  ['rsync', 'rsync'],
  ['git', 'git'],
  ['plink', 'putty-tools'],
  ['puttygen', 'putty-tools'],
  ['busybox', 'busybox'],
  ['dash', 'dash'],
  ['socat', 'socat'],
  ['openssl', 'openssl'],
  ['age', 'age'],
  ['ansible-playbook', 'ansible-core'],
  ['/usr/bin/python3', 'python3'],
  ['/usr/lib/python3/dist-packages/paramiko', 'python3-paramiko'],
  ['/usr/lib/python3/dist-packages/asyncssh', 'python3-asyncssh'],
]

function found(program) {
  if (program.startsWith('/')) return existsSync(program)
  const folders = `${process.env.PATH}:/usr/sbin:/sbin`.split(':')
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)))
}

function installPackages() {
  const hash = createHash('sha256')
  for (const file of ['package-lock.json', 'scripts/native.mjs', 'scripts/ssh2-addon.h'])
    hash.update(readFileSync(join(root, file)))
  const wanted = hash.digest('hex')
  const mark = join(root, 'node_modules', '.sallyport-installed')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return
  say('installing npm packages (once, about a minute)')
  // Not `npm ci`: it wants the optional packages of every platform in the lock file, and a registry may lack some.
  // Without scripts, which would build for the Node that runs npm what is then built again for the pinned one.
  const args = ['install', '--no-save', '--ignore-scripts', '--loglevel=error']
  const npm = spawnSync('npm', args, { cwd: root, stdio: 'inherit' })
  if (npm.status !== 0) {
    say('npm install failed; its own words are above')
    process.exit(1)
  }
  spawnSync(process.execPath, [join(root, 'scripts', 'native.mjs')], { stdio: 'inherit' })
  writeFileSync(mark, wanted)
}

function installPrograms(wanted) {
  const absent = wanted.filter(([program]) => !found(program))
  if (absent.length === 0) return
  const names = [...new Set(absent.map(([, name]) => name))].join(' ')
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    say(`these Debian packages are missing: ${names}`)
    say(`install them with: sudo apt-get install ${names}`)
    process.exit(1)
  }
  say(`installing Debian packages: ${names}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names.split(' ')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  })
  const still = wanted.filter(([program]) => !found(program)).map(([program]) => program)
  if (still.length === 0) return
  say(`after apt-get these are still missing: ${still.join(' ')}`)
  process.exit(1)
}

installPackages()
installPrograms(process.argv.includes('--for-tests') ? forTests : forQuickstart)
