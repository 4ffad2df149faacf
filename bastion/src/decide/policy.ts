import type { Decision } from './decision.ts'
import { explain, type Explanation } from './explain/index.ts'
import { judgeExec } from './judge-exec.ts'
import { judgeFile, judgeSftp } from './judge-file.ts'
import { judgeRequest } from './judge-request.ts'
import type { DecisionRequest, DecisionScope } from './request.ts'
import { bindRules, type RuleBook } from './rules/book.ts'
import type { CompiledRule } from './rules/compile.ts'

export interface Policy {
  /** The first twelve hexadecimal digits of the SHA-256 of the policy's text. */
  readonly revision: string
  /** Returns the decision on a request; it never throws, and a fault inside is a denial. */
  readonly decide: (request: DecisionRequest) => Decision
  /** Returns the decision with what the rules say of each part of the request. */
  readonly explain: (request: DecisionRequest) => Explanation
  /** Returns whether any rule could allow anything to this identity there; a no needs no question. */
  readonly reaches: (scope: DecisionScope) => boolean
  /** Returns the programs that rules which could let it run something spell out, sorted. */
  readonly programs: (scope: DecisionScope) => readonly string[]
}

/** Returns a policy of compiled rules. */
export function createPolicy(options: {
  readonly rules: readonly CompiledRule[]
  readonly revision: string
}): Policy {
  const book = bindRules(options.rules)
  const decide = (request: DecisionRequest): Decision => decideOrDeny(book, request)
  return {
    revision: options.revision,
    reaches: (scope) => options.rules.some((rule) => rule.effect !== 'deny' && rule.applies(scope)),
    programs: (scope) => programsOf(options.rules, scope),
    decide,
    explain: (request) => explain(book, request, decide(request)),
  }
}

function programsOf(rules: readonly CompiledRule[], scope: DecisionScope): readonly string[] {
  const named = rules.flatMap((rule) =>
    rule.kind === 'run' && rule.effect !== 'deny' && rule.applies(scope)
      ? (rule.run.programs ?? [])
      : [],
  )
  return [...new Set(named)].toSorted()
}

function decideOrDeny(book: RuleBook, request: DecisionRequest): Decision {
  try {
    if (request.kind === 'exec') return judgeExec(book, request, request.command)
    if (request.kind === 'file') return judgeFile(book, request, request)
    const decision = judgeRequest(book, request, request)
    const sftp = request.kind === 'subsystem' && request.name === 'sftp'
    return sftp ? judgeSftp(book, request, decision) : decision
  } catch (cause) {
    return {
      effect: 'deny',
      rule: 'unparsable',
      message: 'the request could not be judged',
      reason: `a fault while judging: ${cause instanceof Error ? cause.message : 'unknown'}`,
    }
  }
}
