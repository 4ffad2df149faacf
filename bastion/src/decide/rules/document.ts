import type { Effect, ShellMode } from '../decision.ts'
import type {
  EndpointPattern,
  EnvironmentPattern,
  FilesPattern,
  GitPattern,
  RunPattern,
  WhenPattern,
  WherePattern,
  WhoPattern,
} from '../match/index.ts'
import type { ApprovePattern } from './approval.ts'
import type { FileOperation, FileVia } from '../request.ts'

/** The part of a policy that says which ports and sockets may be forwarded. */
export interface ForwardPattern {
  /** direct-tcpip: the target connects to these. */
  readonly local?: readonly EndpointPattern[] | undefined
  /** tcpip-forward: the target listens on these. */
  readonly remote?: readonly EndpointPattern[] | undefined
  /** direct-streamlocal: the target connects to these sockets. */
  readonly streamlocal?: readonly string[] | undefined
  /** streamlocal-forward: the target listens on these sockets. */
  readonly remote_streamlocal?: readonly string[] | undefined
}

/** Which requests for a shell; a deny rule without a mode speaks of both. */
export interface ShellPattern {
  readonly pty: boolean | 'any'
  readonly mode?: ShellMode | undefined
}

/** Lines that approvers see as text, up to a length that a person can read. */
export interface ReviewPattern {
  readonly max_bytes: number
}

/** A rule as it is written; exactly one of the fields from `run` on is there. */
export interface RuleDocument {
  readonly id: string
  readonly effect: Effect
  readonly message?: string | undefined
  readonly who?: WhoPattern | undefined
  readonly where?: WherePattern | undefined
  readonly when?: WhenPattern | undefined
  readonly approve?: ApprovePattern | undefined
  readonly tests?: RuleExamples | undefined
  readonly run?: RunPattern | undefined
  readonly shell?: ShellPattern | undefined
  readonly subsystem?: readonly string[] | undefined
  readonly forward?: ForwardPattern | undefined
  readonly agent?: true | undefined
  readonly x11?: true | undefined
  readonly env?: Readonly<Record<string, EnvironmentPattern>> | undefined
  readonly unresolved?: 'allow' | ReviewPattern | undefined
  readonly files?: FilesPattern | undefined
  readonly git?: GitPattern | undefined
}

/** An operation on a file, as a rule's own tests write it; `via` is sftp unless it says otherwise. */
export interface FileExample {
  readonly op: FileOperation['op']
  readonly path: string
  readonly to?: string | undefined
  readonly mode?: number | undefined
  readonly subtree?: boolean | undefined
  readonly via?: FileVia | undefined
}

/** Lines that a rule must match, and lines that it must not match, or the policy does not load. */
export interface RuleExamples {
  readonly match?: readonly (string | FileExample)[] | undefined
  readonly no_match?: readonly (string | FileExample)[] | undefined
}

/** The fields of which a rule has exactly one. */
export const ruleSubjects = [
  'run',
  'shell',
  'subsystem',
  'forward',
  'agent',
  'x11',
  'env',
  'unresolved',
  'files',
  'git',
] as const

export type RuleSubject = (typeof ruleSubjects)[number]

/** Returns the subjects that a rule has. */
export function subjectsOf(rule: Partial<RuleDocument>): readonly RuleSubject[] {
  return ruleSubjects.filter((subject) => rule[subject] !== undefined)
}
