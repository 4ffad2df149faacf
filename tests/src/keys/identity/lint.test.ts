import assert from 'node:assert/strict'
import { lintRules } from '@sallyport/keys/identity'
import type { IdentityRule } from '@sallyport/keys/identity'

function rule(match: IdentityRule['match'], more: Partial<IdentityRule> = {}): IdentityRule {
  return {
    id: 'r',
    issuer: 'ci',
    match,
    name: { literal: 'r' },
    groups: [],
    principals: ['deploy'],
    maxLife: 300,
    ...more,
  }
}

function codes(...rules: readonly IdentityRule[]): readonly string[] {
  return lintRules(rules).map(({ code, path }) => `${path} ${code}`)
}

describe('lintRules', () => {
  it('finds nothing in rules that pin an id and what started the job', () => {
    assert.deepEqual(codes(rule({ repository_id: '7', event_name: 'push' })), [])
    assert.deepEqual(
      codes(rule({ project_id: '7', pipeline_source: { oneOf: ['push', 'web'] } })),
      [],
    )
    assert.deepEqual(codes(rule({ 'kubernetes.io.namespace': 'prod', sub: 'system:x' })), [])
  })

  it('warns of GitHub and GitLab names without an id that stays', () => {
    const names = rule({ repository: 'acme/app', event_name: 'push' })
    assert.deepEqual(lintRules([names]), [
      {
        code: 'no-immutable-id',
        rule: 'r',
        path: 'rules.0.match',
        message:
          'GitHub names can be taken over by others once given up: ask for repository_id or repository_owner_id',
      },
    ])
    const path = { project_path: 'acme/app', pipeline_source: 'push' }
    assert.deepEqual(codes(rule(path)), ['rules.0.match no-immutable-id'])
    const subject = { sub: { glob: 'repo:acme/app:*' }, event_name: 'push' }
    assert.deepEqual(codes(rule(subject)), ['rules.0.match no-immutable-id'])
  })

  it('does not take a pattern for a pin', () => {
    const glob = rule({ repository_id: { glob: '7*' }, event_name: 'push' })
    assert.deepEqual(codes(glob), ['rules.0.match no-immutable-id'])
  })

  it('warns when outsiders can start the job', () => {
    const warnings = lintRules([rule({ repository_id: '7', ref: 'refs/heads/main' })])
    assert.deepEqual(warnings, [
      {
        code: 'pull-request',
        rule: 'r',
        path: 'rules.0.match.event_name',
        message: 'allows pull_request_target and pull_request, which outsiders can bring about',
      },
    ])
    const wide = rule({ repository_id: '7', event_name: { glob: 'p*' } })
    assert.deepEqual(codes(wide), ['rules.0.match.event_name pull-request'])
    assert.deepEqual(codes(rule({ project_id: '7' })), [
      'rules.0.match.pipeline_source pull-request',
    ])
  })

  it('warns of a number where the platform sends a string', () => {
    const match = { repository_id: 7, event_name: 'push' }
    assert.deepEqual(codes(rule(match)), ['rules.0.match.repository_id number-for-string'])
  })

  it('warns of rules that ask for nothing, match anything, give nothing, or share an id', () => {
    assert.deepEqual(codes(rule({}), rule({ sub: { glob: '**' } }, { principals: [] })), [
      'rules.0.match empty-match',
      'rules.1.id duplicate-id',
      'rules.1.match.sub match-anything',
      'rules.1.principals no-principals',
    ])
  })
})
