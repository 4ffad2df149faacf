import { matchesClaim } from './matcher.ts'
import type { ClaimMatcher } from './matcher.ts'
import type { IdentityRule } from './rules.ts'

/** Something about a rule that is allowed, and probably wrong. */
export interface RuleWarning {
  readonly code:
    | 'duplicate-id'
    | 'empty-match'
    | 'match-anything'
    | 'no-principals'
    | 'no-immutable-id'
    | 'number-for-string'
    | 'pull-request'
  readonly rule: string
  /** Where in the list of rules, such as `rules.0.match.ref`. */
  readonly path: string
  readonly message: string
}

interface Platform {
  readonly name: string
  /** Claims, or beginnings of claims and of `sub`, by which its rules are known. */
  readonly claims: RegExp
  readonly subject: string
  readonly pins: readonly string[]
  /** The claim that names what started the job, and its values that outsiders can bring about. */
  readonly trigger: string
  readonly outside: readonly string[]
}

const platforms: readonly Platform[] = [
  {
    name: 'GitHub',
    claims: /^(?:repository|job_workflow_|workflow|event_name$|actor)/,
    subject: 'repo:',
    pins: ['repository_id', 'repository_owner_id'],
    trigger: 'event_name',
    outside: ['pull_request_target', 'pull_request'],
  },
  {
    name: 'GitLab',
    claims: /^(?:project_|namespace_|job_project_|job_namespace_|ci_config_|pipeline_source$)/,
    subject: 'project_path:',
    pins: ['project_id', 'namespace_id', 'job_project_id', 'job_namespace_id'],
    trigger: 'pipeline_source',
    outside: ['merge_request_event', 'external_pull_request_event'],
  },
]

/** Returns what is questionable about the rules, in their order. An empty list means none was found. */
export function lintRules(rules: readonly IdentityRule[]): readonly RuleWarning[] {
  return rules.flatMap((rule, index) => {
    const warn: Warn = (code, path, message) => ({
      code,
      rule: rule.id,
      path: ['rules', index, ...path].join('.'),
      message,
    })
    const platform = platforms.find((one) => isOf(one, rule))
    return [
      ...general(rule, rules.slice(0, index), warn),
      ...(platform === undefined ? [] : onPlatform(platform, rule, warn)),
    ]
  })
}

type Warn = (code: RuleWarning['code'], path: readonly string[], message: string) => RuleWarning

function* general(
  rule: IdentityRule,
  earlier: readonly IdentityRule[],
  warn: Warn,
): Generator<RuleWarning> {
  if (earlier.some((other) => other.id === rule.id)) {
    yield warn('duplicate-id', ['id'], `another rule is called "${rule.id}"`)
  }
  if (Object.keys(rule.match).length === 0) {
    yield warn('empty-match', ['match'], 'no claim is asked for, so the rule fits nothing')
  }
  for (const [claim, matcher] of Object.entries(rule.match)) {
    if (typeof matcher === 'object' && 'glob' in matcher && /^\*+$/.test(matcher.glob)) {
      yield warn('match-anything', ['match', claim], `"${matcher.glob}" fits almost any value`)
    }
  }
  if (rule.principals.length === 0) {
    yield warn('no-principals', ['principals'], 'without principals no certificate can be issued')
  }
}

function isOf(platform: Platform, rule: IdentityRule): boolean {
  if (Object.keys(rule.match).some((claim) => platform.claims.test(claim))) return true
  const subject = rule.match['sub']
  return subject !== undefined && texts(subject).some((text) => text.startsWith(platform.subject))
}

function* onPlatform(platform: Platform, rule: IdentityRule, warn: Warn): Generator<RuleWarning> {
  const pinned = platform.pins.some((claim) => isExact(rule.match[claim]))
  if (!pinned) {
    yield warn(
      'no-immutable-id',
      ['match'],
      `${platform.name} names can be taken over by others once given up: ask for ${platform.pins.join(' or ')}`,
    )
  }
  for (const claim of platform.pins) {
    const matcher = rule.match[claim]
    if (matcher !== undefined && values(matcher).some((value) => typeof value === 'number')) {
      yield warn(
        'number-for-string',
        ['match', claim],
        `${platform.name} sends this claim as a string: put it in quotes`,
      )
    }
  }
  const trigger = rule.match[platform.trigger]
  const outside = platform.outside.filter(
    (event) => trigger === undefined || matchesClaim(trigger, event),
  )
  if (outside.length > 0) {
    yield warn(
      'pull-request',
      ['match', platform.trigger],
      `allows ${outside.join(' and ')}, which outsiders can bring about`,
    )
  }
}

function isExact(matcher: ClaimMatcher | undefined): boolean {
  return matcher !== undefined && !(typeof matcher === 'object' && 'glob' in matcher)
}

function values(matcher: ClaimMatcher): readonly unknown[] {
  if (typeof matcher !== 'object') return [matcher]
  return 'oneOf' in matcher ? matcher.oneOf : [matcher.glob]
}

function texts(matcher: ClaimMatcher): readonly string[] {
  return values(matcher).filter((value) => typeof value === 'string')
}
