import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type Shell = 'bash' | 'dash' | 'busybox'

/** The shells of this machine whose reading of a line is compared with ours. */
export const shells: readonly Shell[] = (['bash', 'dash', 'busybox'] as const).filter((shell) =>
  existsSync(`/bin/${shell}`),
)

export interface ShellJail {
  /** The only folder that a line in the jail may write to. */
  readonly out: string
  /** Returns, for each line, the argv lists that a real shell ran, sorted. */
  readonly run: (shell: Shell, lines: readonly string[]) => Promise<readonly (readonly string[])[]>
  /**
   * The same for lines without syntax errors that change nothing in the shell, without a subshell for
   * each; it rejects when a line ends the shell.
   */
  readonly runTogether: ShellJail['run']
  readonly remove: () => void
}

export interface ShellJailOptions {
  /** Programs that write down their argv. */
  readonly stubs: readonly string[]
  /** Programs of this machine that run as they are, by the path of each. */
  readonly real?: ReadonlyMap<string, string>
  /**
   * Write argv lists down from functions of the shell, wherever a name may be one. The words that a
   * function is given are those that a program would be given, and no process has to be started.
   */
  readonly functions?: boolean
}

const executeFile = promisify(execFile)

// One printf, so that the record of one program is one write and those of a pipeline do not mix.
const stub = `#!/bin/sh
case $0 in */false) status=1 ;; *) status=0 ;; esac
printf '%s\\037' "$(($# + 1))" "\${0##*/}" "$@" >> "$SALLYPORT_LOG"
exit $status
`
const functionName = /^(?!(?:if|time)$)[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Returns a folder as the only PATH, in which every stub writes down its argv. Each line is read by a
 * subshell from a file of its own, so that one with a syntax error spoils no other, and one shell serves
 * all lines.
 */
export function openShellJail({
  stubs,
  real = new Map(),
  functions = false,
}: ShellJailOptions): ShellJail {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-jail-'))
  const bin = join(root, 'bin')
  const out = join(root, 'out')
  mkdirSync(bin)
  mkdirSync(out)
  const first = join(root, 'stub')
  writeFileSync(first, stub)
  chmodSync(first, 0o755)
  for (const program of new Set(stubs)) linkSync(first, join(bin, program))
  for (const [program, path] of real) symlinkSync(path, join(bin, program))
  const prelude = functions
    ? stubs.filter((program) => functionName.test(program)).map(defineFunction)
    : []
  const execute = async (shell: Shell, work: string, script: readonly string[]): Promise<void> => {
    const all = join(work, 'all')
    writeFileSync(all, ['export SALLYPORT_LOG', ...prelude, ...script, ''].join('\n'))
    await executeFile(`/bin/${shell}`, shell === 'busybox' ? ['ash', all] : [all], {
      cwd: out,
      env: { PATH: bin, HOME: out, LC_ALL: 'C.UTF-8' },
      timeout: 170_000,
      maxBuffer: 64 * 1024 * 1024,
    })
  }
  return {
    out,
    run: async (shell, lines) => {
      const work = mkdtempSync(join(root, 'work-'))
      const script = lines.map((line, at) => {
        writeFileSync(join(work, `${at}.sh`), line)
        return `SALLYPORT_LOG=${work}/${at}.log; ( . ${work}/${at}.sh; wait ) < /dev/null`
      })
      await execute(shell, work, [...script, ':'])
      const runs = lines.map((_, at) => readLog(join(work, `${at}.log`))[0] ?? [])
      rmSync(work, { recursive: true })
      return runs
    },
    runTogether: async (shell, lines) => {
      const work = mkdtempSync(join(root, 'work-'))
      const log = join(work, 'log')
      const script = lines.map((line) => `${line}\nwait; printf '0\\037' >> ${log}`)
      await execute(shell, work, ['exec < /dev/null', `SALLYPORT_LOG=${log}`, ...script, ':'])
      const runs = readLog(log)
      rmSync(work, { recursive: true })
      if (runs.length !== lines.length + 1) throw new Error(`${shell} ended before its last line`)
      return runs.slice(0, -1)
    },
    remove: () => rmSync(root, { recursive: true }),
  }
}

/** Returns where a program of this machine lies. */
export function findProgram(program: string): string | undefined {
  return ['/bin', '/usr/bin'].map((folder) => join(folder, program)).find(existsSync)
}

function defineFunction(program: string): string {
  const record = `printf '%s\\037' "$(($# + 1))" ${program} "$@" >> "$SALLYPORT_LOG"`
  return `${program}() { ${record}${program === 'false' ? '; return 1' : ''}; }`
}

// Returns the argv lists between one mark and the next; a mark is a record without words.
function readLog(file: string): readonly (readonly string[])[] {
  let fields: string[]
  try {
    fields = readFileSync(file, 'utf8').split('\u001f')
  } catch {
    return []
  }
  const runs: string[][] = [[]]
  for (let at = 0; at < fields.length - 1;) {
    const count = Number(fields[at])
    if (count === 0) runs.push([])
    else runs.at(-1)?.push(JSON.stringify(fields.slice(at + 1, at + 1 + count)))
    at += 1 + count
  }
  return runs.map((lists) => lists.toSorted())
}
