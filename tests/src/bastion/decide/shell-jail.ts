import { execFile } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type Shell = 'bash' | 'dash'

export interface ShellJail {
  /** The only folder that a line in the jail may write to. */
  readonly out: string
  /** Returns, for each line, the argv lists that a real shell ran, sorted. */
  readonly run: (shell: Shell, lines: readonly string[]) => Promise<readonly (readonly string[])[]>
  readonly remove: () => void
}

const execute = promisify(execFile)

// One printf, so that the record of one program is one write and those of a pipeline do not mix.
const stub = `#!/bin/sh
case $0 in */false) status=1 ;; *) status=0 ;; esac
printf '%s\\037' "$(($# + 1))" "\${0##*/}" "$@" >> "$SALLYPORT_LOG"
exit $status
`

/**
 * Returns a folder as the only PATH, in which every named program writes down its argv. Each line is
 * read by a subshell from a file of its own, so that one with a syntax error spoils no other, and one
 * shell serves all lines.
 */
export function openShellJail(programs: readonly string[]): ShellJail {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-jail-'))
  const bin = join(root, 'bin')
  const out = join(root, 'out')
  mkdirSync(bin)
  mkdirSync(out)
  const first = join(root, 'stub')
  writeFileSync(first, stub)
  chmodSync(first, 0o755)
  for (const program of new Set(programs)) linkSync(first, join(bin, program))
  return {
    out,
    run: async (shell, lines) => {
      const work = mkdtempSync(join(root, 'work-'))
      const script = lines.map((line, at) => {
        writeFileSync(join(work, `${at}.sh`), line)
        return `SALLYPORT_LOG=${work}/${at}.log; ( . ${work}/${at}.sh; wait ) < /dev/null`
      })
      writeFileSync(join(work, 'all'), `export SALLYPORT_LOG\n${script.join('\n')}\n:\n`)
      await execute(`/bin/${shell}`, [join(work, 'all')], {
        cwd: out,
        env: { PATH: bin, HOME: out, LC_ALL: 'C.UTF-8' },
        timeout: 170_000,
        maxBuffer: 64 * 1024 * 1024,
      })
      const runs = lines.map((_, at) => readLog(join(work, `${at}.log`)))
      rmSync(work, { recursive: true })
      return runs
    },
    remove: () => rmSync(root, { recursive: true }),
  }
}

function readLog(file: string): readonly string[] {
  let fields: string[]
  try {
    fields = readFileSync(file, 'utf8').split('\u001f')
  } catch {
    return []
  }
  const runs: string[] = []
  for (let at = 0; at < fields.length - 1;) {
    const count = Number(fields[at])
    runs.push(JSON.stringify(fields.slice(at + 1, at + 1 + count)))
    at += 1 + count
  }
  return runs.toSorted()
}
