import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileCommand, readFileCommand } from '@sallyport/bastion/files/commands'
import { resolveLine } from '@sallyport/bastion/decide/parse'
import { bash } from '../../../support/run.ts'

/** Returns how a line is read, as `via op path…`, or the reason against it. */
function readingOf(line: string): string {
  const resolution = resolveLine(line)
  assert.ok(resolution.kind === 'resolved', line)
  const command = readFileCommand(resolution.line.commands[0]?.argv ?? [])
  return command === undefined ? 'another program' : asText(command)
}

function asText(command: FileCommand): string {
  if (command.kind === 'refused') return `refused: ${command.reason}`
  if (command.kind === 'git') return `${command.service} ${command.repo} > ${command.send}`
  const operations = command.operations.map(
    ({ op, path, to, subtree }) =>
      `${op} ${path}${subtree === true ? '/**' : ''}${to === undefined ? '' : ` ${to}`}`,
  )
  return `${operations.join(', ')} > ${command.send}`
}

describe('transfer commands, as stock clients send them', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-argv-'))
    // Stands in for ssh, and keeps what it was asked to run: all after the host.
    const wrapper = `#!/bin/bash\nwhile [ "$1" != h ]; do shift; done\nshift\nprintf '%s\\n' "$*" >> log\nexit 1\n`
    await writeFile(join(folder, 'ssh'), wrapper)
    await chmod(join(folder, 'ssh'), 0o700)
    await bash('mkdir d && echo x > f && git init -q g', { cwd: folder })
  })
  after(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  const sent = async (script: string): Promise<string> => {
    await rm(join(folder, 'log'), { force: true })
    const env = {
      GIT_SSH_COMMAND: './ssh',
      GIT_SSH_VARIANT: 'simple',
      GIT_CONFIG_GLOBAL: '/dev/null',
    }
    await bash(script, { cwd: folder, env })
    return (await readFile(join(folder, 'log'), 'utf8')).trimEnd()
  }

  const cases: readonly (readonly [string, string])[] = [
    ['scp -O -S ./ssh f h:/srv/a', "write /srv/a/** > scp -t -- '/srv/a'"],
    [
      'scp -O -S ./ssh -rpq d h:/srv/a',
      "write /srv/a/**, mkdir /srv/a/**, setstat /srv/a/** > scp -r -p -t -- '/srv/a'",
    ],
    ['scp -O -S ./ssh h:/srv/a .', "read /srv/a > scp -f -- '/srv/a'"],
    ['scp -O -S ./ssh -r h:/srv/./a/ .', "read /srv/a/**, list /srv/a/** > scp -r -f -- '/srv/a'"],
    ['scp -O -S ./ssh f h:', 'refused: "." is not an absolute path'],
    ['rsync -e ./ssh f h:/srv/a', "write /srv/a/** > rsync --server -e.LsfxCIvu . '/srv/a'"],
    [
      'rsync -rt -e ./ssh d/ h:/srv/a/',
      "write /srv/a/**, mkdir /srv/a/**, setstat /srv/a/** > rsync --server -tre.iLsfxCIvu . '/srv/a/'",
    ],
    [
      'rsync -a -e ./ssh d h:/srv/a',
      "write /srv/a/**, mkdir /srv/a/**, symlink /srv/a/** /, setstat /srv/a/** > rsync --server -logDtpre.iLsfxCIvu . '/srv/a'",
    ],
    [
      'rsync -az --delete --safe-links -e ./ssh d h:/srv/a',
      "write /srv/a/**, mkdir /srv/a/**, symlink /srv/a/** /srv/a, setstat /srv/a/**, remove /srv/a/**, rmdir /srv/a/** > rsync --server -logDtprze.iLsfxCIvu --delete --safe-links . '/srv/a'",
    ],
    [
      'rsync -a -e ./ssh "h:/srv/a b" .',
      "read /srv/a b/**, list /srv/a b/**, readlink /srv/a b/** > rsync --server --sender -logDtpre.iLsfxCIvu . '/srv/a b'",
    ],
    [
      'rsync -t -e ./ssh h:/srv/a .',
      "read /srv/a > rsync --server --sender -te.LsfxCIvu . '/srv/a'",
    ],
    [
      'rsync -rt --remove-source-files -e ./ssh h:/srv/a .',
      "read /srv/a/**, list /srv/a/**, remove /srv/a/** > rsync --server --sender -tre.iLsfxCIvu --remove-source-files . '/srv/a'",
    ],
    [
      'rsync -rt --backup-dir=/b -b -e ./ssh d h:/srv/a',
      'refused: the option "--backup-dir" is not known to be harmless',
    ],
    [
      'rsync -rt --temp-dir=/t -e ./ssh d h:/srv/a',
      'refused: the option "--temp-dir" is not known to be harmless',
    ],
    [
      'rsync -rt --link-dest=/x -e ./ssh d h:/srv/a',
      'refused: the option "--link-dest" is not known to be harmless',
    ],
    ['rsync -rtL -e ./ssh h:/srv/a .', 'refused: -L: it follows symbolic links out of the tree'],
    ['rsync -rtK -e ./ssh d h:/srv/a', 'refused: -K: it follows symbolic links out of the tree'],
    [
      'rsync -rt -s -e ./ssh d h:/srv/a',
      'refused: its arguments come later, where nobody judges them (--secluded-args)',
    ],
    [
      'git ls-remote h:acme/shop.git',
      "upload-pack acme/shop.git > git-upload-pack 'acme/shop.git'",
    ],
    [
      'cd g; GIT_SSH_COMMAND=../ssh git archive --remote=h:/acme/shop.git HEAD; mv log ..',
      "upload-archive /acme/shop.git > git-upload-archive '/acme/shop.git'",
    ],
    [
      'cd g; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x; GIT_SSH_COMMAND=../ssh git push h:acme/shop HEAD; mv log ..',
      "receive-pack acme/shop > git-receive-pack 'acme/shop'",
    ],
  ]
  for (const [script, wanted] of cases)
    it(script, async () => {
      const line = await sent(script)
      assert.equal(readingOf(line), wanted, line)
    })

  it('what is sent reads back as the same', () => {
    for (const line of [
      "scp -t '/srv/it'\\''s'",
      "rsync --server -te.LsfxCIvu . '/srv/a b'",
      "git upload-pack --strict 'a/b'",
    ]) {
      const first = readingOf(line)
      assert.equal(readingOf(first.slice(first.indexOf(' > ') + 3)), first)
    }
  })
})

describe('transfer commands that no stock client sends', () => {
  const refused: readonly string[] = [
    'scp -t',
    'scp -t -f /a',
    'scp -r /a',
    'scp -tS/bin/sh /a',
    'scp -S /bin/sh -t /a',
    'scp -o ProxyCommand=x -t /a',
    'scp -t /a /b',
    'scp -t a',
    'scp -t /a/../b',
    'scp -t -- -x',
    "scp -t '/a\n'",
    'rsync',
    'rsync -a /a /b',
    'rsync --daemon --config=/x',
    'rsync --server --daemon .',
    'rsync --server -e.Ls',
    'rsync --server -te.Ls --rsh=x . /a',
    'rsync --server -te.Ls --log-file=/x . /a',
    'rsync --server -te.Ls --files-from=/etc/shadow . /a',
    'rsync --server -te.Ls --partial-dir=/x . /a',
    'rsync --server -te.Ls --compare-dest /x . /a',
    'rsync --server -te.Ls --timeout . /a',
    'rsync --server -te.Ls --delete=x . /a',
    'rsync --server -te.Ls --suffix=/../x . /a',
    "rsync --server -te'sh -c x' . /a",
    'rsync --server -te/bin/sh . /a',
    'rsync --server -tfe.Ls . /a',
    'rsync --server -tTe.Ls /x . /a',
    'rsync --server -te.Ls . /a /b',
    'rsync --server -te.Ls . a',
    'rsync --server -te.Ls . --rsh=x',
    'rsync --server -te.Ls . /a/../../b',
    'rsync --server --sender -tRe.Ls . /a/./b',
    'rsync --server -tRe.Ls . /a',
    'rsync --server --sender --server -te.Ls . /a',
    'git-upload-pack',
    "git-upload-pack --upload-pack=id 'a'",
    "git-upload-pack '-x'",
    "git-upload-pack --timeout=x 'a'",
    "git-receive-pack --strict 'a'",
    "git-upload-pack 'a' 'b'",
    "git-upload-pack '../a'",
    "git-upload-pack 'a//b'",
    "git-upload-pack 'a/./b'",
    "git-upload-pack '~x/a'",
    "git-upload-pack 'a/'",
    "git-upload-pack ''",
    "git upload-pack --upload-pack=id 'a'",
  ]
  for (const line of refused)
    it(`${JSON.stringify(line)} is refused`, () => {
      assert.match(readingOf(line), /^refused: /)
    })

  it('other programs are none of these', () => {
    for (const line of [
      '/usr/bin/scp -t /a',
      'git -c x=y upload-pack a',
      'git status',
      'git-shell -c x',
      'ls',
    ])
      assert.equal(readingOf(line), 'another program', line)
  })
})
