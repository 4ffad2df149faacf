import assert from 'node:assert/strict'
import { outcome, policyOf } from './ask.ts'

describe('rules about git', () => {
  const git = '{id: g, effect: allow, git: {service: upload-pack, repos: ["acme/*"]}}'
  const cases: readonly (readonly [readonly string[], string, string])[] = [
    [[git], "git-upload-pack 'acme/shop.git'", "g: git-upload-pack 'acme/shop.git'"],
    [[git], "git upload-pack 'acme/shop.git'", "g: git-upload-pack 'acme/shop.git'"],
    [
      [git],
      "git-upload-pack '/acme/shop.git'",
      'default: no rule allows git upload-pack of "/acme/shop.git"',
    ],
    [[git], "git-upload-pack 'acme/a/b'", 'default: no rule allows git upload-pack of "acme/a/b"'],
    [
      [git],
      "git-receive-pack 'acme/shop.git'",
      'default: no rule allows git receive-pack of "acme/shop.git"',
    ],
    [[git], "git-upload-pack 'acme/.x'", 'default: no rule allows git upload-pack of "acme/.x"'],
    [[git], 'git status', 'default: no rule allows "git"'],
  ]
  for (const [rules, line, wanted] of cases)
    it(line, () => {
      assert.equal(outcome(policyOf(...rules), line), wanted)
    })

  it('deny each name that git finds the same repository by', () => {
    const policy = policyOf(
      '{id: all, effect: allow, git: {service: [upload-pack], repos: ["*/*", "/*/*", "*/*/.git"]}}',
      '{id: no, effect: deny, git: {service: [upload-pack], repos: [acme/secret.git]}}',
    )
    for (const name of [
      'acme/secret',
      'acme/secret.git',
      '/acme/secret',
      'acme/secret/.git',
      'acme/secret.git/.git',
    ])
      assert.match(outcome(policy, `git-upload-pack '${name}'`), /^no: /, name)
    assert.match(outcome(policy, "git-upload-pack 'acme/secrets'"), /^all: /)
  })
})
