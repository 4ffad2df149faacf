import type { TargetFile } from './sshd-files.ts'

/**
 * Returns a shell script that writes the files at a target and has its sshd read them; it can be read by people, and
 * run by root. Nothing in it is asked for or downloaded. Each file is there as a whole at any moment: sshd reads the
 * authority and the principals at each login.
 */
export function sshdScript(target: string, files: readonly TargetFile[]): string {
  const folders = [...new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))]
  const writes = files.flatMap(({ path, content }) => [
    '',
    `cat > ${path}.new <<'END'`,
    `${content}END`,
    `chmod 644 ${path}.new`,
    `mv ${path}.new ${path}`,
  ])
  return [
    `# Lets Sallyport log in at ${target} with certificates that live a minute. Run this there as root.`,
    'set -eu',
    '# sshd reads the names of an account as that account, so everyone must be able to.',
    'umask 022',
    `mkdir -p ${folders.join(' ')}`,
    ...writes,
    '',
    '# sshd_config must have this line before its first Match, as it has on Debian, Ubuntu, Fedora and RHEL:',
    `#     Include ${folderOf(files)}/*.conf`,
    '# An account that has a TrustedUserCAKeys of its own already: append our line to that file instead.',
    '# Check that what sshd would do is what you see above, then have it read its configuration:',
    'sshd -t',
    'systemctl reload ssh || systemctl reload sshd',
  ].join('\n')
}

function folderOf(files: readonly TargetFile[]): string {
  const path = files.find((file) => file.path.endsWith('.conf'))?.path ?? ''
  return path.slice(0, path.lastIndexOf('/'))
}
