import type { Decision } from '@sallyport/bastion/decide'
import {
  openGuardedShell,
  type GuardedShell,
  type Outcome,
  type Run,
  type RunSink,
  type ShellCommand,
  type ShellHost,
  type ShellLimits,
  type ShellTerminal,
} from '@sallyport/bastion/shell'
import { agent, policyOf } from '../decide/ask.ts'

export interface FakeRun {
  readonly command: ShellCommand
  readonly sink: RunSink
  /** What the shell did with it, in order. */
  readonly done: string[]
  readonly input: () => string
  end(outcome?: Outcome): void
}

export interface Judged {
  readonly line: string
  readonly decision: Decision
}

export type Told =
  ({ readonly kind: 'judged' } & Judged) | { readonly kind: 'run'; readonly command: ShellCommand }

export interface Rig {
  readonly shell: GuardedShell
  readonly runs: readonly FakeRun[]
  readonly judged: readonly Judged[]
  /** Judgements and starts of commands, in the order in which they came. */
  readonly story: readonly Told[]
  readonly exits: readonly number[]
  /** What went to the target, as text. */
  sends(): readonly string[]
  /** Everything shown so far on one stream, or on both. */
  seen(stream?: 1 | 2): string
  type(text: string): void
  /** Timers that have not run out. */
  timers(): number
  /** Lets all timers run out. */
  passTime(): void
  /** What the agent, or the target, takes from now on. */
  accepts: { agent: boolean; target: boolean }
}

export interface RigOptions {
  readonly rules?: readonly string[]
  readonly programs?: () => readonly string[]
  /** Stands in for the policy on variables. */
  readonly allowsVariable?: (name: string, value: string) => boolean
  /** Stands in for the policy. */
  readonly decide?: (line: string) => Decision
  readonly terminal?: ShellTerminal | undefined
  /** Commands run until the test ends them; else each ends at once with this output. */
  readonly stays?: boolean
  readonly output?: string
  readonly outcome?: (command: ShellCommand) => Outcome
  readonly limits?: Partial<ShellLimits>
}

export const ordinary: ShellTerminal = { type: 'xterm', cols: 80, rows: 24 }

export const usualRules: readonly string[] = [
  '{id: plain, effect: allow, run: {argv: [{oneOf: [id, ls, cat, echo, head]}], rest: any}}',
  '{id: folders, effect: allow, run: {argv: [cd, {path: "/srv/**"}]}}',
  '{id: below, effect: allow, run: {argv: [cd, {glob: "./*"}]}}',
  '{id: no-rm, effect: deny, message: "not by hand", run: {argv: [rm], rest: any}}',
]

const usualPolicy = policyOf(...usualRules)

/** Returns a shell whose host judges by a real policy and only writes down what it is to run. */
export function openRig(options: RigOptions = {}): Rig {
  const policy = options.rules === undefined ? usualPolicy : policyOf(...options.rules)
  const runs: FakeRun[] = []
  const judged: Judged[] = []
  const story: Told[] = []
  const exits: number[] = []
  const written: { readonly stream: 1 | 2; readonly bytes: Buffer }[] = []
  const timers = new Set<() => void>()
  const accepts = { agent: true, target: true }
  const outcome = options.outcome ?? ((): Outcome => ({ kind: 'status', status: 0 }))
  const host = {
    judge: (line) => {
      const text = line.toString('utf8')
      const decision =
        options.decide?.(text) ?? policy.decide({ ...agent, kind: 'exec', command: line })
      judged.push({ line: text, decision })
      story.push({ kind: 'judged', line: text, decision })
      return decision
    },
    allowsVariable: (name, value) =>
      options.allowsVariable?.(name, value) ??
      policy.decide({ ...agent, kind: 'env', name, value }).effect === 'allow',
    programs: options.programs ?? (() => ['id', 'ls', 'cat', 'echo', 'head', 'hostname']),
    run: (command, sink): Run => {
      const done: string[] = []
      const input: Buffer[] = []
      const end = (how = outcome(command)): void => sink.ended(how)
      story.push({ kind: 'run', command })
      runs.push({ command, sink, done, end, input: () => Buffer.concat(input).toString('utf8') })
      if (options.stays !== true) {
        if (options.output !== undefined) sink.output(1, Buffer.from(options.output))
        end()
      }
      return {
        write: (bytes) => void input.push(Buffer.from(bytes)),
        endInput: () => void done.push('end of input'),
        accepts: () => accepts.target,
        signal: (name) => void done.push(name),
        close: () => void done.push('close'),
      }
    },
    write: (stream, bytes) => void written.push({ stream, bytes: Buffer.from(bytes) }),
    accepts: () => accepts.agent,
    exit: (status) => void exits.push(status),
  } satisfies ShellHost
  const shell = openGuardedShell({
    host,
    login: 'deploy',
    target: 'web-1',
    limits: options.limits ?? {},
    after: (_milliseconds, run) => {
      timers.add(run)
      return () => void timers.delete(run)
    },
    ...('terminal' in options
      ? options.terminal === undefined
        ? {}
        : { terminal: options.terminal }
      : { terminal: ordinary }),
  })
  return {
    shell,
    runs,
    judged,
    story,
    exits,
    accepts,
    sends: () => runs.map(({ command }) => command.send.toString('utf8')),
    seen: (stream) =>
      Buffer.concat(
        written
          .filter((one) => stream === undefined || one.stream === stream)
          .map((one) => one.bytes),
      ).toString('utf8'),
    type: (text) => shell.input(Buffer.from(text, 'utf8')),
    timers: () => timers.size,
    passTime: () => {
      const due = [...timers]
      timers.clear()
      for (const run of due) run()
    },
  }
}
