import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Policy } from '@sallyport/bastion/decide'
import { flattenEffects, unfoldLine } from '@sallyport/bastion/decide/effects'
import { resolveLine } from '@sallyport/bastion/decide/parse'
import { policyOf } from '../ask.ts'
import { findProgram, openShellJail } from '../shell-jail.ts'
import { accept } from '../what-runs.ts'
import { wrapperSoup } from './wrapper-soup.ts'

// sudo, doas, su and runuser cannot be tried without accounts; they are judged by their tables alone.
const wrappers = 'env nice ionice nohup timeout stdbuf setsid taskset flock xargs find sh'.split(
  ' ',
)
const found = new Map(
  wrappers.flatMap((program): [string, string][] => {
    const path = findProgram(program)
    return path === undefined ? [] : [[program, path]]
  }),
)
const busybox = new Map<string, string>()
if (existsSync('/bin/busybox')) {
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n')
  for (const program of wrappers)
    if (program !== 'sh' && applets.includes(program)) busybox.set(program, '/bin/busybox')
}

describe('real wrappers run what they were said to run', () => {
  const closed = [
    'nice rm x',
    'nice -n 5 rm x',
    'nice -n5 -- rm -n 5',
    'nice -5 rm -5',
    'nice --adjustment 5 rm',
    'ionice -c 3 rm x',
    'ionice -c2 -n7 rm -c',
    'nohup rm x',
    'nohup -- rm --',
    'timeout 5 rm x',
    'timeout -k 1 -s KILL 5s rm -k 1',
    'timeout --signal=TERM --preserve-status 0.5m rm x',
    'stdbuf -oL rm -oL',
    'stdbuf -o L --error=0 rm x',
    'setsid -w rm -w x',
    'taskset -c 0 rm -c 0',
    'taskset 1 rm x',
    'taskset 0x1 rm x',
    'env rm x',
    'env -u NOTHING A=b C= rm A=b',
    'env -- A=b rm x',
    'flock lock rm x',
    'flock -n -w 1 lock rm -n',
    'sh -c \'rm "a b"; id\'',
    `sh -c "sh -c 'rm x' && ls"`,
    "nice env A=b timeout 5 sh -c 'rm x | id'",
    'echo a | xargs -I % rm x',
    'find tree -maxdepth 0 -exec rm x \\;',
    'find tree -maxdepth 0 -exec nice rm -exec \\;',
    "find tree -maxdepth 0 -exec sh -c 'rm x; id' \\;",
  ]
  // Of these only the beginning of what runs is known.
  const open = [
    'echo "a b" c | xargs rm -v',
    'echo a b c | xargs -n 1 -r rm',
    'echo a b | xargs -I % rm 1 % 2',
    'echo x | xargs -0 nice rm',
    'find tree -type f -exec rm -v {} +',
    'find tree -type f -exec rm {} \\;',
    "find tree -name '*' -type f -execdir rm -- {} \\;",
    'find tree -name a -exec id {} \\; -o -exec ls {} +',
  ]

  // A make of a wrapper may know fewer options than the table; then nothing runs.
  const makes = { 'those of this machine': found, 'those of busybox': busybox }
  for (const [make, real] of Object.entries(makes))
    it(`as ${make}`, async () => {
      assert.ok(real.size > 0)
      const jail = openShellJail({ stubs: ['rm', 'id', 'ls'], real: new Map([...found, ...real]) })
      try {
        mkdirSync(join(jail.out, 'tree'))
        for (const name of ['a', 'b c', "d'e"]) writeFileSync(join(jail.out, 'tree', name), '')
        const policy = policyIn(jail.out)
        const lines = [...closed, ...open]
          .filter((line) => line.startsWith('echo') || found.has(line.split(' ')[0] ?? ''))
          .map((line) => line.replace(' lock ', ` ${jail.out}/lock `))
        const sent = lines.map((line) => {
          const accepted = accept(policy, line)
          assert.ok(accepted, line)
          return accepted.send
        })
        const runs = await jail.run('dash', sent)
        // A container may not have the processor or the priority that is asked for.
        const silent = lines.filter(
          (line, at) =>
            !checkRuns(line, runs[at] ?? [], true) && !/^(?:taskset|ionice) /.test(line),
        )
        assert.ok(silent.length <= (real === found ? 0 : 8), silent.join('\n'))
      } finally {
        jail.remove()
      }
    })
})

describe('options that change what other options mean', () => {
  it('do not make a real wrapper run more than was allowed', async () => {
    const jail = openShellJail({ stubs: ['rm', 'id', 'ls'], real: found })
    try {
      const policy = policyIn(jail.out)
      const counts = ['-n 2', '-n1', '-L 1', '-L2', '--max-args=3']
      const lines = counts.flatMap((count) => [
        `echo a b | xargs -I % ${count} rm x`,
        `echo a b | xargs ${count} -I % rm x`,
        `echo a b | xargs -I% ${count} -I%% rm x`,
      ])
      const sent = lines.map((line) => accept(policy, line)?.send ?? 'true')
      const runs = await jail.run('dash', sent)
      for (const [at, line] of lines.entries()) checkRuns(line, runs[at] ?? [], false)
    } finally {
      jail.remove()
    }
  })
})

describe('a soup of words for real wrappers', () => {
  it('runs nothing but what was allowed', async () => {
    const names = [...found.keys()]
    const jail = openShellJail({ stubs: ['rm', 'id', 'ls'], real: found })
    try {
      mkdirSync(join(jail.out, 'tree'))
      writeFileSync(join(jail.out, 'tree', 'a'), '')
      const policy = policyIn(jail.out)
      const inputs = fc.sample(wrapperSoup(names, `${jail.out}/lock`), 500)
      const lines = [...new Set(inputs)].filter((line) => accept(policy, line) !== undefined)
      assert.ok(lines.length > 40, `only ${lines.length} lines were accepted`)
      const runs = await jail.run(
        'dash',
        lines.map((line) => accept(policy, line)?.send ?? ''),
      )
      const ran = lines.filter((line, at) => checkRuns(line, runs[at] ?? [], false))
      assert.ok(ran.length > lines.length / 2, `${ran.length} of ${lines.length} ran anything`)
    } finally {
      jail.remove()
    }
  })
})

// Wrappers need no rule; find is one for its own search.
function policyIn(out: string): Policy {
  return policyOf(
    '{id: f, effect: allow, run: {argv: [find, tree], options: [{-maxdepth: {any: true}}, ' +
      '{-name: {any: true}}, {-type: {any: true}}, -o, -print, -quit, -prune, -and]}}',
    '{id: v, effect: allow, env: {A: {any: true}, B: {any: true}, C: {any: true}}}',
    ...['rm', 'id', 'ls', 'echo'].map(
      (program) =>
        `{id: ${program}, effect: allow, run: {argv: [${program}], rest: any, ` +
        `redirects: {write: [${out}/**]}}}`,
    ),
  )
}

// Returns whether anything ran, and fails on what was not told.
function checkRuns(line: string, runs: readonly string[], all: boolean): boolean {
  const resolution = resolveLine(line)
  assert.ok(resolution.kind === 'resolved')
  const told = flattenEffects(unfoldLine(resolution.line))
    .filter(({ argv }) => ['rm', 'id', 'ls'].includes(argv[0] ?? ''))
    .map(({ argv, open: more }) => {
      const text = JSON.stringify(argv)
      return (run: string) => (more ? run.startsWith(text.slice(0, -1)) : run === text)
    })
  for (const run of runs)
    assert.ok(
      told.some((fits) => fits(run)),
      `${line} ran ${run}`,
    )
  if (runs.length === 0 || !all) return runs.length > 0
  for (const fits of told) assert.ok(runs.some(fits), `${line} only ran ${runs.join(' ')}`)
  return true
}
