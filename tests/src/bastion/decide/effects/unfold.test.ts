import assert from 'node:assert/strict'
import {
  flattenEffects,
  unfoldLine,
  type CommandEffect,
  type Unfolded,
} from '@sallyport/bastion/decide/effects'
import { resolveLine } from '@sallyport/bastion/decide/parse'

function unfold(line: string): readonly Unfolded[] {
  const resolution = resolveLine(line)
  assert.ok(resolution.kind === 'resolved', line)
  return unfoldLine(resolution.line)
}

function say({ argv, runAs, open, stdin, through }: CommandEffect): string {
  const account = runAs === undefined ? '' : ` as ${runAs}`
  const fed = stdin === 'client' ? '' : ` < ${stdin}`
  return `${'| '.repeat(through.length)}${argv.join(' ')}${open ? ' ...' : ''}${account}${fed}`
}

function reasons(commands: readonly Unfolded[]): readonly string[] {
  return commands.flatMap(({ inside }) => {
    if (inside.kind === 'closed') return [inside.reason]
    return inside.kind === 'commands' ? reasons(inside.parts) : []
  })
}

describe('what a command runs in turn', () => {
  const lines: Readonly<Record<string, readonly string[]>> = {
    'ls -l': ['ls -l'],
    'nice -n 5 rm x': ['nice -n 5 rm x', '| rm x'],
    'nice -5 rm x': ['nice -5 rm x', '| rm x'],
    'nice --adjustment=5 -- rm -rf x': ['nice --adjustment=5 -- rm -rf x', '| rm -rf x'],
    '/usr/bin/nice rm': ['/usr/bin/nice rm', '| rm'],
    'ionice -c2 -n 7 -t rm x': ['ionice -c2 -n 7 -t rm x', '| rm x'],
    'nohup rm x &': ['nohup rm x', '| rm x'],
    'timeout -k 5 -sKILL 10m rm x': ['timeout -k 5 -sKILL 10m rm x', '| rm x'],
    'stdbuf -oL -e 0 rm x': ['stdbuf -oL -e 0 rm x', '| rm x'],
    'setsid -fw rm x': ['setsid -fw rm x', '| rm x'],
    '/usr/bin/time -p rm x': ['/usr/bin/time -p rm x', '| rm x'],
    'chrt -b 0 rm x': ['chrt -b 0 rm x', '| rm x'],
    'taskset -c 0-3 rm x': ['taskset -c 0-3 rm x', '| rm x'],
    'env -i -u A B=c D= rm x': ['env -i -u A B=c D= rm x', '| rm x'],
    'env - rm x': ['env - rm x', '| rm x'],
    'env A=b nice timeout 5 rm x': [
      'env A=b nice timeout 5 rm x',
      '| nice timeout 5 rm x',
      '| | timeout 5 rm x',
      '| | | rm x',
    ],
    'env A=b': ['env A=b'],
    'flock -n /srv/l rm x': ['flock -n /srv/l rm x', '| rm x'],
    'sudo rm x': ['sudo rm x', '| rm x as root'],
    'sudo -nu bob -- rm x': ['sudo -nu bob -- rm x', '| rm x as bob'],
    'sudo -n --user=bob -H A=b rm x': ['sudo -n --user=bob -H A=b rm x', '| rm x as bob'],
    'sudo -u bob -u eve rm': ['sudo -u bob -u eve rm', '| rm as eve'],
    'sudo nice sudo -u bob rm': [
      'sudo nice sudo -u bob rm',
      '| nice sudo -u bob rm as root',
      '| | sudo -u bob rm as root',
      '| | | rm as bob',
    ],
    'doas -n -u bob rm x': ['doas -n -u bob rm x', '| rm x as bob'],
    "su -c 'rm x; id'": ['su -c rm x; id', '| rm x as root', '| id as root'],
    'su - bob -c "rm x"': ['su - bob -c rm x', '| rm x as bob'],
    'su -l -c "rm x" bob': ['su -l -c rm x bob', '| rm x as bob'],
    'runuser -u bob -- rm -rf x': ['runuser -u bob -- rm -rf x', '| rm -rf x as bob'],
    'runuser -l bob -c "rm x"': ['runuser -l bob -c rm x', '| rm x as bob'],
    "sh -c 'rm x | wc; id' < /in": [
      'sh -c rm x | wc; id < file',
      '| rm x < file',
      '| wc < pipe',
      '| id < file',
    ],
    "ls | bash -c 'rm x'": ['ls', 'bash -c rm x < pipe', '| rm x < pipe'],
    [`sh -c "sh -c 'sh -c id'"`]: [
      "sh -c sh -c 'sh -c id'",
      '| sh -c sh -c id',
      '| | sh -c id',
      '| | | id',
    ],
    'ls | xargs -0 -n 1 rm -v': ['ls', 'xargs -0 -n 1 rm -v < pipe', '| rm -v ... < none'],
    'ls | xargs': ['ls', 'xargs < pipe', '| echo ... < none'],
    'xargs -I % mv % /srv/%': ['xargs -I % mv % /srv/%', '| mv ... < none'],
    'xargs -I{} rm x': ['xargs -I{} rm x', '| rm x < none'],
    'xargs sudo -n rm': [
      'xargs sudo -n rm',
      '| sudo -n rm ... < none',
      '| | rm ... as root < none',
    ],
    "find /srv -name '*.o' -exec rm -v {} +": [
      'find /srv -name *.o -exec rm -v {} +',
      'find /srv -name *.o',
      '| rm -v ...',
    ],
    'find . -type f -exec id \\; -execdir nice ls {} \\;': [
      'find . -type f -exec id ; -execdir nice ls {} ;',
      'find . -type f',
      '| id',
      '| nice ls ...',
      '| | ls ...',
    ],
    'find . -delete': ['find . -delete', 'find . -delete', '| rm ...'],
    'find . -name x': ['find . -name x'],
    'ls < /dev/null': ['ls < none'],
    'id | ls < /in': ['id', 'ls < file'],
  }
  for (const [line, wanted] of Object.entries(lines))
    it(`of ${line}`, () => {
      const effects = flattenEffects(unfold(line)).map(say)
      assert.deepEqual(effects, wanted)
      assert.deepEqual(reasons(unfold(line)), [])
    })

  const closed: Readonly<Record<string, string>> = {
    'sudo -s rm x': 'the option "-s" of sudo is not understood',
    'sudo -nE rm x': 'the option "-nE" of sudo is not understood',
    'sudo --use=bob rm x': 'the option "--use=bob" of sudo is not understood',
    'sudo -u': 'the option "-u" of sudo is not understood',
    "sudo -u '#0' rm": 'this use of sudo is not understood',
    'sudo LD_PRELOAD=x rm': 'the variable "LD_PRELOAD" could change what programs do',
    'sudo -- A=b rm x': 'this use of sudo is not understood',
    'sudo A=b -n rm x': '"-n" of sudo may be an option',
    'sudo A=b -u bob rm x': '"-u" of sudo may be an option',
    'nice -- -n rm': '"-n" of nice may be an option',
    'doas -s rm': 'the option "-s" of doas is not understood',
    'su bob': 'this use of su is not understood',
    'su -s /bin/x -c id bob': 'this use of su is not understood',
    'su -c id bob x': 'this use of su is not understood',
    "su -c id 'b b'": 'this use of su is not understood',
    'runuser -u bob rm x': 'this use of runuser is not understood',
    'env PATH=/x rm': 'the variable "PATH" could change what programs do',
    'env -u PATH rm': 'the variable "PATH" could change what programs do',
    'env A=b =c rm': 'the variable "" could change what programs do',
    "env -S 'rm x'": 'the option "-S" of env is not understood',
    'env -iS rm': 'the option "-iS" of env is not understood',
    'env -C / rm': 'the option "-C" of env is not understood',
    'nice -n': 'the option "-n" of nice is not understood',
    'timeout 5x rm': '"5x" is not an operand of timeout',
    'timeout --kill 5 5 rm': 'the option "--kill" of timeout is not understood',
    'taskset -p 1 x': 'the option "-p" of taskset is not understood',
    'ionice -p 1': 'the option "-p" of ionice is not understood',
    'stdbuf -x rm': 'the option "-x" of stdbuf is not understood',
    "flock /l -c 'rm x'": 'flock with "-c" is not understood',
    'xargs -p rm': 'the option "-p" of xargs is not understood',
    'xargs --replace rm': 'the option "--replace" of xargs is not understood',
    'xargs -a /x rm': 'the option "-a" of xargs is not understood',
    'xargs -I% -L 1 rm x': 'xargs with -I and a number of words or lines is not understood',
    'xargs --max-args=2 -I% rm %': 'xargs with -I and a number of words or lines is not understood',
    'xargs -I% %': 'a program that is not named cannot be judged',
    "xargs sh -c 'rm x'": 'sh is given more words',
    'find . -fprintf /x y': 'the word "-fprintf" of find is not understood',
    'find . -ok rm {} \\;': 'the word "-ok" of find is not understood',
    'find . -exec rm {}': '-exec of find has no end',
    'find . -exec rm {} + x \\;': 'the word "x" of find is not understood',
    'find . -exec rm + x {} +': '-exec of find has no end',
    'find . -exec {} \\;': 'a program that is not named cannot be judged',
    'find . -name': '-name has no value',
    'find . x -name y z': 'the word "z" of find is not understood',
    "sh -c 'rm $x'": 'the text for sh cannot be resolved: an expansion at character 4',
    "sh -c 'rm x' y": 'sh is only understood as sh -c with one text',
    'bash -lc id': 'bash is only understood as bash -c with one text',
    'sh /srv/x': 'sh is only understood as sh -c with one text',
    sh: 'sh is only understood as sh -c with one text',
    '/tmp/nice rm': '"/tmp/nice" may be another program than nice',
    './sudo rm': '"./sudo" may be another program than sudo',
    'busybox rm x': 'what busybox runs is not looked into',
    [`sh -c "sh -c 'sh -c \\"sh -c id\\"'"`]: 'texts for shells nested too deep',
    'nice nice nice nice nice nice nice nice nice nice id': 'wrappers nested too deep',
  }
  for (const [line, reason] of Object.entries(closed))
    it(`is not followed in ${line}`, () => assert.deepEqual(reasons(unfold(line)), [reason]))

  it('takes no word of a value for a part of find', () => {
    for (const line of ['find . -name -exec ls {} +', 'find . -name -exec -exec rm {} +']) {
      const [find] = unfold(line)
      const said = flattenEffects(unfold(line)).map(({ argv }) => argv[0])
      assert.ok(find?.inside.kind === 'closed' || said.includes('rm'), line)
    }
  })

  it('gives redirects and files of locks to what runs inside', () => {
    const targets = flattenEffects(unfold("flock /l sh -c 'id > /a' 2>> /b")).map(({ redirects }) =>
      redirects.map(({ operator, target }) => `${operator}${target}`).join(' '),
    )
    assert.deepEqual(targets, ['>>/b', '>>/b >>/l', '>>/b >>/l >/a'])
  })
})
