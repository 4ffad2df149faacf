import { isOption } from './options.ts'

// Builtins that run text, change what later names mean, or set variables that do. Those of zsh and
// ksh stand here as well: the login shell of a target is not ours to choose.
const refused = new Set(
  (
    '. source eval exec command builtin trap alias unalias set shopt setopt unsetopt enable disable ' +
    'hash unhash rehash export declare typeset local readonly unset integer float nameref compound ' +
    'read readarray mapfile getopts let bind bindkey complete compgen compopt fc hist history ' +
    'fg bg disown suspend coproc noglob nocorrect emulate zmodload autoload functions unfunction ' +
    'vared sched zle zcompile print whence redirect repeat jobs zargs global limit unlimit ttyctl'
  ).split(' '),
)

// Builtins that some shell evaluates a second time as arithmetic, where `a[$(x)]` runs x.
const evaluating = new Set(
  (
    'test [ printf exit return shift kill wait ulimit umask cd chdir pushd popd dirs break continue ' +
    'logout bye'
  ).split(' '),
)
// Where bash's printf sets a variable.
const counting = /%[-+ #0'0-9.*hlLjzt]*n/
const substitution = /\$[({]|`/

// Programs whose arguments or input are a program, or that exist to run another one.
const runners = new Set(
  (
    'sh bash dash ash zsh ksh ksh93 mksh rksh rbash posh yash fish csh tcsh busybox toybox ' +
    'python pypy perl ruby irb node nodejs deno bun php lua luajit tclsh wish expect guile R ' +
    'Rscript julia awk gawk mawk nawk sed ed ex vi vim vimdiff nvim view emacs nano less more most ' +
    'man sudo sudoedit su doas runuser pkexec env nohup nice ionice chrt taskset timeout stdbuf ' +
    'setsid time watch flock script unshare nsenter chroot systemd-run cgexec capsh setpriv strace ' +
    'ltrace gdb xargs parallel find fd fdfind run-parts start-stop-daemon tmux screen at batch ' +
    'crontab make ssh scp sftp rsync mosh docker podman nerdctl crictl kubectl lxc npx socat nc ' +
    'ncat netcat su-exec gosu setuidgid chpst softlimit envdir runcon sg newgrp login prlimit choom ' +
    'numactl setarch linux32 linux64 fakeroot proot firejail bwrap unbuffer rlwrap dtach valgrind ' +
    'perf entr chronic ifne pee sshpass ssh-agent dbus-run-session xvfb-run systemd-nspawn machinectl ' +
    'tini dumb-init eatmydata faketime pwsh osascript jshell groovy escript erl elixir iex ocaml ' +
    'racket sbcl clisp ghci runghc octave psql mysql mariadb sqlite3 ftp lftp'
  ).split(' '),
)

// Builtins that change what the words after them mean.
const lasting = new Set(
  'cd chdir pushd popd umask ulimit exit logout bye return break continue shift kill wait'.split(
    ' ',
  ),
)

// Builtins that only the shell itself can run, so that no other program can start them.
const shellOnly = new Set(
  (
    'cd chdir pushd popd dirs umask ulimit exit logout bye return break continue shift wait type ' +
    'caller times help command :'
  ).split(' '),
)

// The dynamic loader runs any file that it is given.
const loader = /^ld(?:-linux[a-z0-9_.-]*|-musl[a-z0-9_.-]*|-[0-9.]+|)\.so(?:\.[0-9]+)?$/

const ascii = /^[\n\x20-\x7e]*$/
const name = /^(?:\[|:|[A-Za-z0-9_./][A-Za-z0-9_.+:@/-]*)$/

/** Returns the last segment of a program's name: `/bin/rm` is `rm`. */
export function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1)
}

/**
 * Returns whether only a rule that spells a program out may allow it: one that runs other programs, or
 * that changes what the rest of the line means.
 */
export function needsSpelling(program: string): boolean {
  const base = baseName(program)
  const unversioned = base.replace(/-?[0-9][0-9.]*$/, '')
  return lasting.has(base) || runners.has(base) || runners.has(unversioned) || loader.test(base)
}

/** Returns whether only a shell can run a program: it then cannot have an environment of its own. */
export function isShellOnly(program: string): boolean {
  return shellOnly.has(program)
}

/** Returns why no rule can allow a program with whatever words, or undefined when rules may speak of it. */
export function refuseAlways(program: string): string | undefined {
  // It may at least be asked what a name means.
  return program === 'command' ? undefined : refuseProgram([program])
}

/** Returns why no rule can allow a command, or undefined when rules may decide on it. */
export function refuseProgram(argv: readonly string[]): string | undefined {
  const [program = '', ...operands] = argv
  if (!name.test(program)) return `${JSON.stringify(program)} is not a plain program name`
  if (refused.has(program) && !isHarmless(argv))
    return `the shell builtin ${program} cannot be judged`
  const confusable = operands.find(
    (word) => isOption(word) && !ascii.test(word.split('=', 1)[0] ?? ''),
  )
  if (confusable !== undefined) return `the option ${JSON.stringify(confusable)} is not plain ASCII`
  if (!evaluating.has(program)) return undefined
  if (evaluatesVariable(program, operands) || operands.some((word) => substitution.test(word)))
    return `the shell builtin ${program} would evaluate its arguments`
  return undefined
}

// `command -v NAME` only says what a name means.
function isHarmless([program, option, word = '', ...more]: readonly string[]): boolean {
  return program === 'command' && option === '-v' && name.test(word) && more.length === 0
}

function evaluatesVariable(program: string, operands: readonly string[]): boolean {
  const [first = ''] = operands
  if (program === 'printf')
    return (isOption(first) && first !== '--') || operands.some((word) => counting.test(word))
  if (program === 'wait') return operands.some(isOption)
  if (program === 'test' || program === '[')
    return operands.some((word) => word === '-v' || word === '-R')
  return false
}
