import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  createIdTokenVerifier,
  createReplayGuard,
  explainRule,
  resolveIdentity,
} from '@sallyport/keys/identity'
import type { ClaimMatcher, IdentityRule, VerifiedIdToken } from '@sallyport/keys/identity'
import { configOf, createSigningKey, epoch, mint } from './loopback-issuer.ts'
import type { SigningKey } from './loopback-issuer.ts'

const issuer = 'https://issuer.example'

const deploy: IdentityRule = {
  id: 'deploy',
  issuer: 'ci',
  match: { repository_id: '7', ref: { glob: 'refs/heads/release/*' } },
  name: { claim: 'repository', prefix: 'ci/' },
  groups: ['deployers'],
  principals: ['deploy'],
  maxLife: 300,
  carry: ['run_id', 'protected', 'absent'],
}

describe('resolveIdentity', () => {
  let key: SigningKey

  before(async () => {
    key = await createSigningKey('ES256', 'a')
  })

  async function verified(claims: Readonly<Record<string, unknown>>): Promise<VerifiedIdToken> {
    const now = (): number => epoch * 1000
    const verifier = createIdTokenVerifier({
      issuers: [configOf(issuer, { jwks: { kind: 'static', keys: [key.jwk] } })],
      now,
      replay: createReplayGuard({ now }),
    })
    const result = await verifier.verify(await mint(key, issuer, { claims }))
    assert.equal(result.kind, 'verified')
    return result.idToken
  }

  const good = {
    repository_id: '7',
    repository: 'acme/app',
    ref: 'refs/heads/release/1.2',
    run_id: '42',
    protected: true,
  }

  it('gives what the one fitting rule says', async () => {
    const result = resolveIdentity(
      [deploy, { ...deploy, id: 'x', issuer: 'other' }],
      await verified(good),
    )
    assert.equal(result.kind, 'identity')
    assert.equal(result.rule, deploy)
    assert.deepEqual(result.identity, {
      name: 'ci/acme/app',
      issuer: 'ci',
      subject: 'repo:acme/app:ref:refs/heads/main',
      rule: 'deploy',
      groups: ['deployers'],
      principals: ['deploy'],
      claims: { run_id: '42', protected: true },
      maxLife: 300,
    })
  })

  it('refuses when no rule fits, and names those that were tried', async () => {
    const idToken = await verified({ ...good, ref: 'refs/heads/main' })
    assert.deepEqual(resolveIdentity([deploy], idToken), {
      kind: 'rejected',
      code: 'no-rule',
      reason: 'no rule for issuer "ci" fits the claims',
      rules: ['deploy'],
    })
    assert.deepEqual(
      explainRule(deploy, idToken).map(({ claim, found, fits }) => ({ claim, found, fits })),
      [
        { claim: 'repository_id', found: '7', fits: true },
        { claim: 'ref', found: 'refs/heads/main', fits: false },
      ],
    )
  })

  it('refuses when two rules fit, and names both', async () => {
    const wide = { ...deploy, id: 'wide', match: { repository_id: '7' } }
    assert.deepEqual(resolveIdentity([wide, deploy], await verified(good)), {
      kind: 'rejected',
      code: 'ambiguous',
      reason: '2 rules fit the claims, exactly one must',
      rules: ['wide', 'deploy'],
    })
  })

  it('refuses by a rule that asks for nothing', async () => {
    const result = resolveIdentity([{ ...deploy, match: {} }], await verified(good))
    assert.equal(result.kind === 'rejected' && result.code, 'no-rule')
  })

  it('refuses to carry a claim that is a list or an object', async () => {
    const rule = { ...deploy, carry: ['list'] }
    assert.deepEqual(resolveIdentity([rule], await verified({ ...good, list: ['a'] })), {
      kind: 'rejected',
      code: 'carry',
      reason: 'claim "list" is not a string, number or boolean',
      rules: ['deploy'],
    })
  })

  describe('names', () => {
    const refusals: readonly (readonly [string, unknown, string])[] = [
      ['missing', undefined, 'the claim that gives the name is missing'],
      ['empty', '', 'the claim that gives the name is missing'],
      ['a list', ['a'], 'the claim that gives the name is missing'],
      ['too long', 'x'.repeat(126), 'name has more than 128 characters'],
      ['with a line feed', 'a\nb', 'name has a blank, control or invisible character'],
      ['with a blank', 'a b', 'name has a blank, control or invisible character'],
      ['with a no-break blank', 'a\u00a0b', 'name has a blank, control or invisible character'],
      ['with a bidi override', 'a\u202eb', 'name has a blank, control or invisible character'],
      ['with a zero width joiner', 'a\u200db', 'name has a blank, control or invisible character'],
      ['with a Hangul filler', 'a\u3164b', 'name has a blank, control or invisible character'],
      ['with a braille blank', 'a\u2800b', 'name has a blank, control or invisible character'],
      [
        'with half a surrogate pair',
        'a\ud800b',
        'name has a blank, control or invisible character',
      ],
      ['with an escape', 'a\u001b[2J', 'name has a blank, control or invisible character'],
      ['not in normal form', 'cafe\u0301', 'name is not in Unicode normal form C'],
    ]
    for (const [what, repository, reason] of refusals) {
      it(`refuses a name that is ${what}`, async () => {
        const result = resolveIdentity([deploy], await verified({ ...good, repository }))
        assert.deepEqual(result, { kind: 'rejected', code: 'name', reason, rules: ['deploy'] })
      })
    }

    it('takes a number, a literal and letters of any script', async () => {
      const nameOf = async (name: IdentityRule['name'], repository: unknown): Promise<unknown> => {
        const result = resolveIdentity(
          [{ ...deploy, name }],
          await verified({ ...good, repository }),
        )
        return result.kind === 'identity' ? result.identity.name : result
      }
      assert.equal(await nameOf({ claim: 'repository', prefix: 'runner-' }, 12), 'runner-12')
      assert.equal(await nameOf({ literal: 'deployer' }, undefined), 'deployer')
      assert.equal(await nameOf({ claim: 'repository' }, 'café/構成'), 'café/構成')
    })
  })

  describe('matchers', () => {
    let idToken: VerifiedIdToken

    before(async () => {
      idToken = await verified({
        one: '1',
        number: 1,
        yes: true,
        list: ['a'],
        nothing: null,
        'kubernetes.io': { namespace: 'prod', pod: { name: 'web-1' }, 'a.b': 'x' },
        'oidc.circleci.com/project-id': 'p1',
        a: { b: 'nested' },
        'a.b': 'flat',
        line: 'refs/heads/main\n',
      })
    })

    function fits(claim: string, matcher: ClaimMatcher): boolean {
      return explainRule({ ...deploy, match: { [claim]: matcher } }, idToken)[0]?.fits === true
    }

    it('compare value and kind', () => {
      assert.equal(fits('one', '1'), true)
      assert.equal(fits('one', 1), false)
      assert.equal(fits('number', 1), true)
      assert.equal(fits('number', '1'), false)
      assert.equal(fits('yes', true), true)
      assert.equal(fits('yes', 'true'), false)
      assert.equal(fits('one', { oneOf: ['2', '1'] }), true)
      assert.equal(fits('number', { oneOf: ['1'] }), false)
      assert.equal(fits('number', { glob: '*' }), false)
    })

    it('never look into lists, null and objects', () => {
      for (const claim of ['list', 'nothing', 'kubernetes.io', 'absent', 'list.0', 'one.length']) {
        assert.equal(fits(claim, { glob: '**' }), false, claim)
      }
      assert.equal(fits('list', 'a'), false)
      assert.equal(fits('constructor.name', 'Object'), false)
      assert.equal(fits('__proto__', { glob: '**' }), false)
    })

    it('find claims by name or path, also where names hold dots', () => {
      assert.equal(fits('kubernetes.io.namespace', 'prod'), true)
      assert.equal(fits('kubernetes.io.pod.name', 'web-1'), true)
      assert.equal(fits('kubernetes.io.a.b', 'x'), true)
      assert.equal(fits('oidc.circleci.com/project-id', 'p1'), true)
    })

    it('find nothing where a path can be read in two ways', () => {
      assert.equal(fits('a.b', 'flat'), false)
      assert.equal(fits('a.b', 'nested'), false)
    })

    it('do not take a text with a line feed for one without', () => {
      assert.equal(fits('line', { glob: 'refs/heads/main' }), false)
      assert.equal(fits('line', { glob: '**' }), false)
    })
  })

  describe('globs', () => {
    function fits(glob: string, text: string): boolean {
      const match = { ref: { glob } }
      return explainRule({ ...deploy, match }, { claims: { ref: text } })[0]?.fits === true
    }

    const cases: readonly (readonly [string, string, boolean])[] = [
      ['refs/heads/main', 'refs/heads/main', true],
      ['refs/heads/main', 'refs/heads/main-evil', false],
      ['refs/heads/main', 'xrefs/heads/main', false],
      ['refs/heads/release/*', 'refs/heads/release/1.2', true],
      ['refs/heads/release/*', 'refs/heads/release/', true],
      ['refs/heads/release/*', 'refs/heads/release/1/evil', false],
      ['refs/heads/**', 'refs/heads/a/b:c', true],
      ['repo:acme/*:ref:refs/heads/main', 'repo:acme/app:ref:refs/heads/main', true],
      ['repo:acme/*:ref:refs/heads/main', 'repo:acme/app:pull_request:ref:refs/heads/main', false],
      ['*', '', true],
      ['', '', true],
      ['', 'a', false],
      ['a*b*c', 'axxbyyc', true],
      ['a*b*c', 'axxbyy', false],
      ['a.c', 'abc', false],
      ['[ab]', 'a', false],
      ['a?c', 'abc', false],
      ['***', 'a/b', true],
      ['a**z', 'a/b:c/z', true],
    ]
    for (const [glob, text, expected] of cases) {
      it(`${JSON.stringify(glob)} ${expected ? 'fits' : 'does not fit'} ${JSON.stringify(text)}`, () => {
        assert.equal(fits(glob, text), expected)
      })
    }

    it('agree with the regular expression that they stand for', () => {
      const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':'), maxLength: 12 })
      const pattern = fc.string({
        unit: fc.constantFrom('a', 'b', '/', ':', '*', '**'),
        maxLength: 8,
      })
      fc.assert(
        fc.property(pattern, text, (glob, value) => {
          const source = glob
            .split(/(\*\*|\*)/)
            .map((part) => (part === '**' ? '[^]*' : part === '*' ? '[^/:]*' : part))
            .join('')
          return fits(glob, value) === new RegExp(`^${source}$`).test(value)
        }),
        { numRuns: 2000 },
      )
    })

    it('stay quick on patterns that make regular expressions slow', () => {
      const start = performance.now()
      assert.equal(fits('*a'.repeat(30), `${'a'.repeat(2000)}b`), false)
      assert.ok(performance.now() - start < 1000)
    })
  })
})
