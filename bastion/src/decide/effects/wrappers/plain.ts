import { readOptions, type OptionTable } from '../option-table.ts'
import { closed, wrapsFrom, type Peeler } from '../peel.ts'

interface PlainWrapper extends OptionTable {
  /** What the one operand before the command must look like, where there is one. */
  readonly operand?: RegExp
}

// Programs that change when, how long or how urgently a command runs, and nothing else. Options by
// which they act on other processes or files are left out.
const wrappers: Readonly<Record<string, PlainWrapper>> = {
  nice: { values: ['-n', '--adjustment'], number: true },
  ionice: { flags: ['-t', '--ignore'], values: ['-c', '--class', '-n', '--classdata'] },
  nohup: {},
  timeout: {
    flags: ['--preserve-status', '--foreground', '-v', '--verbose'],
    values: ['-k', '--kill-after', '-s', '--signal'],
    operand: /^[0-9]{1,9}(?:\.[0-9]{1,9})?[smhd]?$/,
  },
  stdbuf: { values: ['-i', '--input', '-o', '--output', '-e', '--error'] },
  setsid: { flags: ['-f', '--fork', '-w', '--wait'] },
  time: {
    flags: ['-p', '--portability', '-v', '--verbose', '-q', '--quiet'],
    values: ['-f', '--format'],
  },
  chrt: {
    flags: ['-b', '--batch', '-f', '--fifo', '-i', '--idle', '-o', '--other', '-r', '--rr'],
    operand: /^[0-9]{1,3}$/,
  },
  taskset: { flags: ['-c', '--cpu-list'], operand: /^(?:0x)?[0-9a-fA-F][0-9a-fA-F,:-]{0,255}$/ },
}

/** The wrappers that only change the circumstances of a command. */
export const plainWrappers: ReadonlyMap<string, Peeler> = new Map(
  Object.entries(wrappers).map(([name, wrapper]) => [name, (argv) => peelPlain(wrapper, argv)]),
)

function peelPlain(wrapper: PlainWrapper, argv: readonly string[]): ReturnType<Peeler> {
  const options = readOptions(wrapper, argv)
  if (options.kind === 'closed') return options
  if (wrapper.operand === undefined) return wrapsFrom(argv, options.end)
  const operand = argv[options.end]
  if (operand === undefined) return { kind: 'nothing' }
  if (!wrapper.operand.test(operand))
    return closed(`${JSON.stringify(operand)} is not an operand of ${argv[0] ?? ''}`)
  return wrapsFrom(argv, options.end + 1)
}
