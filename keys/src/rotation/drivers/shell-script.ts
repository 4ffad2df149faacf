import { cksum } from './cksum.ts'

/**
 * The scripts that a target's `sh` reads from standard input, so that no login shell of whatever make has to understand
 * them. They use what POSIX has, and work in dash, bash and busybox.
 */

const prelude = `
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
umask 077
`

/** Where sshd looks unless it is told otherwise. */
const usualFiles = ['.ssh/authorized_keys', '.ssh/authorized_keys2']

/**
 * Returns the script that prints the files with the keys of the account: after a line with the mark, for each a line
 * \`file WRITABLE BYTES PATH\` and its bytes, and a line \`end\` with the mark. \`paths\` are as in sshd_config; without
 * them sshd is asked, which only root may.
 */
export function readScript(mark: string, paths: readonly string[] | undefined): string {
  return `${prelude}
u=$(id -un)
case $u in
'' | *[!A-Za-z0-9._-]*) h=$HOME ;;
*) eval "h=~$u" ;;
esac
[ -d "$h" ] || h=$HOME
show() {
  case $1 in none) return ;; esac
  p=$(printf '%s\\n' "$1" | sed -e "s|%%|%|g" -e "s|%u|$u|g" -e "s|%h|$h|g")
  case $p in /*) ;; *) p=$h/$p ;; esac
  [ -h "$p" ] && p=$(readlink -f "$p")
  [ -f "$p" ] || return
  w=no
  [ -w "$p" ] && [ -w "$(dirname "$p")" ] && w=yes
  set -- $(wc -c <"$p")
  printf 'file %s %s %s\\n' "$w" "$1" "$p"
  cat "$p"
  echo
}
printf '%s\\n' ${quote(mark)}
${paths === undefined ? askSshd : showAll(paths)}
printf 'end %s\\n' ${quote(mark)}
`
}

const askSshd = `if [ "$(id -u)" = 0 ]; then
  sshd -T -C "user=$u,host=localhost,addr=127.0.0.1" </dev/null 2>/dev/null |
    sed -n 's/^authorizedkeysfile //p' | tr ' ' '\\n' |
    while IFS= read -r f; do show "$f"; done
fi
${showAll(usualFiles)}`

function showAll(paths: readonly string[]): string {
  return paths.map((path) => `show ${quote(path)}`).join('\n')
}

/** Configuration management, and the guest agents of clouds that hand out keys. */
const rivals = [
  'puppet',
  'chef-client',
  'salt-minion',
  'cf-agent',
  'google_guest_agent',
  'waagent',
  'eic_run_authorized_keys',
]
const rivalFolders =
  '/opt/puppetlabs/bin:/opt/chef/bin:/opt/saltstack/salt:/var/cfengine/bin:/opt/aws/bin:/usr/share/ec2-instance-connect'

/**
 * Returns the script that prints, after a line with the mark, a line \`program PATH\` for each program that may write
 * files with keys, a line \`command TEXT\` for what sshd asks for keys beside the files, and a line \`end\` with the mark.
 * What ansible-pull is told by stands in a timetable; ansible that pushes leaves nothing but its comments in files.
 */
export function rivalsScript(mark: string): string {
  return `${prelude}
printf '%s\\n' ${quote(mark)}
PATH=$PATH:${rivalFolders}
for p in ${rivals.join(' ')}; do
  f=$(command -v $p) && printf 'program %s\\n' "$f"
done
f=$(grep -rlsw ansible-pull /etc/crontab /etc/cron.d /var/spool/cron /etc/systemd/system | head -n 1)
[ -z "$f" ] || printf 'program %s\\n' "$f"
c=
[ "$(id -u)" = 0 ] && c=$(sshd -T </dev/null 2>/dev/null | sed -n 's/^authorizedkeyscommand //p')
[ -n "$c" ] || c=$(
  grep -ihs '^[[:space:]]*authorizedkeyscommand[[:space:]]' /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf |
    head -n 1 | sed 's/^[[:space:]]*[A-Za-z]*[[:space:]]*//'
)
case $c in '' | none) ;; *) printf 'command %s\\n' "$c" ;; esac
printf 'end %s\\n' ${quote(mark)}
`
}

/**
 * Returns the script that puts other bytes in the place of a file, in one step and with its owner and mode, unless it no
 * longer holds the bytes that were read. It prints the mark and \`replaced\`, \`changed\`, or \`failed\` with a reason.
 */
export function replaceScript(mark: string, path: string, before: Buffer, after: Buffer): string {
  return `${prelude}
f=${quote(path)}
t="$f.sallyport.$$"
say() { printf '%s %s\\n' ${quote(mark)} "$1"; exit; }
sum() { set -- $(cksum <"$1"); echo "$1 $2"; }
owner() { set -- $(ls -ln "$1"); echo "$3 $4"; }
trap 'rm -f "$t"' EXIT
trap 'exit 1' HUP INT TERM
[ "$(sum "$f")" = '${cksum(before)}' ] || say changed
cp -p "$f" "$t" || say 'failed cannot write beside it'
[ "$(owner "$f")" = "$(owner "$t")" ] || say 'failed its owner cannot be kept'
{
${printing(after)}
} >"$t" || say 'failed cannot write beside it'
[ "$(sum "$t")" = '${cksum(after)}' ] || say 'failed what was written is not whole'
if [ -e /sys/fs/selinux/enforce ]; then chcon --reference="$f" "$t" 2>/dev/null; fi
[ "$(sum "$f")" = '${cksum(before)}' ] || say changed
mv -f "$t" "$f" || say 'failed cannot be replaced'
sync 2>/dev/null
say replaced
`
}

/** Bytes for one printf: a line that every shell reads. */
const PIECE = 400

// In octal, which is the one way to write any byte that all of these shells share.
function printing(bytes: Buffer): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += PIECE) {
    const octal = Array.from(bytes.subarray(at, at + PIECE), (byte) =>
      byte.toString(8).padStart(3, '0'),
    )
    lines.push(`printf '\\\\${octal.join('\\\\')}'`.replaceAll('\\\\', '\\'))
  }
  return lines.length === 0 ? ':' : lines.join('\n')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
