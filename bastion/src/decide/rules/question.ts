import type { Effect } from '../decision.ts'
import {
  acceptsValue,
  allowsPath,
  compileEndpoint,
  compilePath,
  couldReachPath,
  type EndpointMatcher,
  type EndpointPattern,
  type EndpointUse,
  isDangerousVariable,
} from '../match/index.ts'
import type { DecisionQuestion } from '../request.ts'
import type { RuleDocument } from './document.ts'

/** Returns whether a rule without `run` covers a question; what it does not name it does not cover. */
export function compileQuestion(rule: RuleDocument): (question: DecisionQuestion) => boolean {
  const { effect, forward } = rule
  const local = compileEndpoints(forward?.local, effect, 'connect')
  const remote = compileEndpoints(forward?.remote, effect, 'listen')
  const streamlocal = compilePaths(forward?.streamlocal, effect)
  const remoteStreamlocal = compilePaths(forward?.remote_streamlocal, effect)
  return (question) => {
    switch (question.kind) {
      case 'exec':
        return false
      case 'shell':
        return rule.shell?.pty === 'any' || rule.shell?.pty === question.pty
      case 'subsystem':
        return rule.subsystem?.includes(question.name) === true
      case 'direct-tcpip':
        return local(question.host, question.port)
      case 'tcpip-forward':
        return remote(question.host, question.port)
      case 'direct-streamlocal':
        return streamlocal(question.path)
      case 'streamlocal-forward':
        return remoteStreamlocal(question.path)
      case 'file':
        return false
      case 'agent':
        return rule.agent === true
      case 'x11':
        return rule.x11 === true
      case 'env':
        return coversVariable(rule, question.name, question.value)
    }
  }
}

function compileEndpoints(
  patterns: readonly EndpointPattern[] = [],
  effect: Effect,
  use: EndpointUse,
): EndpointMatcher {
  const matchers = patterns.map((pattern) => compileEndpoint(pattern, effect, use))
  return (host, port) => matchers.some((matches) => matches(host, port))
}

function compilePaths(patterns: readonly string[] = [], effect: Effect): (path: string) => boolean {
  const compiled = patterns.map(compilePath)
  const matches = effect === 'deny' ? couldReachPath : allowsPath
  return (path) => compiled.some((pattern) => matches(pattern, path))
}

function coversVariable(rule: RuleDocument, name: string, value: string): boolean {
  if (rule.env === undefined || !Object.hasOwn(rule.env, name)) return false
  const pattern = rule.env[name]
  if (pattern === undefined || isDangerousVariable(name)) return false
  return acceptsValue(pattern, rule.effect, value)
}
