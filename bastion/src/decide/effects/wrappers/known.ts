import { baseName } from '../../match/index.ts'
import { closed, type Peel, type Peeler } from '../peel.ts'
import { peelDoas, peelRunuser, peelSu, peelSudo } from './account.ts'
import { peelEnv } from './environment.ts'
import { peelFind } from './find.ts'
import { peelFlock } from './lock.ts'
import { plainWrappers } from './plain.ts'
import { peelShell } from './shell.ts'
import { peelXargs } from './xargs.ts'

const known: ReadonlyMap<string, Peeler> = new Map<string, Peeler>([
  ...plainWrappers,
  ['env', peelEnv],
  ['sudo', peelSudo],
  ['doas', peelDoas],
  ['su', peelSu],
  ['runuser', peelRunuser],
  ['flock', peelFlock],
  ['xargs', peelXargs],
  ['find', peelFind],
  ['sh', peelShell],
  ['bash', peelShell],
  ['dash', peelShell],
  ['ash', peelShell],
])

// Programs that surely run another one, by words that are not followed.
const opaque = new Set(
  (
    'busybox toybox unshare nsenter chroot systemd-run cgexec capsh setpriv pkexec strace ltrace ' +
    'parallel watch script start-stop-daemon ssh zsh ksh ksh93 mksh rksh rbash posh yash fish csh ' +
    'tcsh exec command builtin eval sg setarch linux32 linux64 prlimit choom numactl gosu su-exec ' +
    'setuidgid chpst softlimit envdir runcon fakeroot proot firejail bwrap unbuffer rlwrap dtach ' +
    'valgrind entr chronic ifne pee sshpass dbus-run-session xvfb-run tini dumb-init eatmydata ' +
    'faketime systemd-inhibit'
  ).split(' '),
)

const folders = ['/bin/', '/sbin/', '/usr/bin/', '/usr/sbin/']

/**
 * Returns what a command runs in turn. Needing no rule of its own, a wrapper must be the real one: one
 * from another folder than the system's is closed.
 */
export function peel(argv: readonly string[]): Peel {
  const [program = ''] = argv
  const base = baseName(program)
  // This only asks what a name means.
  if (program === 'command' && argv[1] === '-v') return { kind: 'nothing' }
  const peeler = known.get(base)
  if (peeler === undefined)
    return opaque.has(base) ? closed(`what ${base} runs is not looked into`) : { kind: 'nothing' }
  if (program !== base && !folders.includes(program.slice(0, -base.length)))
    return closed(`${JSON.stringify(program)} may be another program than ${base}`)
  return peeler(argv)
}
