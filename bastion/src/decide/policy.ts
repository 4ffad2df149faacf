import type { Decision } from './decision.ts'
import { judgeExec } from './judge-exec.ts'
import { judgeFile, judgeSftp } from './judge-files.ts'
import { judgeRequest } from './judge-request.ts'
import type { DecisionRequest, DecisionScope } from './request.ts'
import { bindRules } from './rules/book.ts'
import type { CompiledRule } from './rules/compile.ts'

export interface Policy {
  /** The first twelve hexadecimal digits of the SHA-256 of the policy's text. */
  readonly revision: string
  /** Returns the decision on a request; it never throws, and a fault inside is a denial. */
  readonly decide: (request: DecisionRequest) => Decision
  /** Returns whether any rule could allow anything to this identity there; a no needs no question. */
  readonly reaches: (scope: DecisionScope) => boolean
}

/** Returns a policy of compiled rules. */
export function createPolicy(options: {
  readonly rules: readonly CompiledRule[]
  readonly revision: string
}): Policy {
  const book = bindRules(options.rules)
  return {
    revision: options.revision,
    reaches: (scope) =>
      options.rules.some((rule) => rule.effect === 'allow' && rule.applies(scope)),
    decide: (request) => {
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
    },
  }
}
