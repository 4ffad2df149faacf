import assert from 'node:assert/strict'
import { askExec, policyOf } from './ask.ts'

const by = 'approve: {by: {groups: [sre]}}'

describe('approve rules, and what commands run in turn', () => {
  const policy = policyOf(
    '{id: id, effect: allow, run: {argv: [id]}}',
    '{id: all, effect: allow, run: {argv: [systemctl], rest: any}}',
    `{id: restart, effect: approve, ${by}, run: {as: [root], argv: [systemctl, restart, {any: true}]}}`,
    `{id: stop, effect: approve, ${by}, run: {argv: [systemctl, stop, {any: true}]}}`,
    `{id: also, effect: approve, approve: {by: {groups: [sre]}, count: 2}, run: {argv: [{oneOf: [systemctl, ls]}, stop, x]}}`,
    '{id: sudo, effect: allow, run: {argv: [sudo], rest: any}}',
    '{id: flock, effect: allow, run: {argv: [flock], rest: any}}',
    '{id: no, effect: deny, run: {argv: [systemctl, sshd]}}',
  )

  it('hold a line by all that match anything in it', () => {
    const decision = askExec(policy, 'id && systemctl stop x')
    assert.ok(decision.effect === 'approve')
    assert.equal(decision.rule, 'stop,also')
    assert.deepEqual(
      decision.terms.map(({ count }) => count),
      [1, 2],
    )
    assert.deepEqual(decision.commands, [['id'], ['systemctl', 'stop', 'x']])
    assert.equal(decision.send.toString(), "'id' && 'systemctl' 'stop' 'x'")
  })

  it('are stricter than allow and less strict than deny, on every level', () => {
    const effects: Readonly<Record<string, string>> = {
      'systemctl status x': 'allow all',
      'systemctl stop y': 'approve stop',
      'sudo systemctl restart x': 'approve restart',
      "sudo sh -c 'systemctl restart x'": 'approve restart',
      'systemctl restart x': 'allow all',
      'sudo ls': 'allow sudo',
      // A rule for all of sudo does not carry what needs approval past people.
      "sudo sh -c 'ls; systemctl restart x'": 'approve restart',
      'flock --odd /tmp/l systemctl stop y': 'approve stop',
      'id; systemctl stop y; sudo systemctl restart x': 'approve stop,restart',
      'systemctl stop y; ls': 'deny default',
      'systemctl stop sshd': 'deny no',
      'sudo systemctl restart sshd': 'deny no',
      'systemctl stop y; eval x': 'deny unparsable',
      'systemctl stop $y': 'deny unparsable',
    }
    for (const [line, wanted] of Object.entries(effects)) {
      const { effect, rule } = askExec(policy, line)
      assert.equal(`${effect} ${rule}`, wanted, line)
    }
  })

  it('see their command where words are not followed, whatever stands beside them', () => {
    const wide = policyOf(
      ...['sudo', 'sh', 'xargs', 'find', 'echo'].map(
        (program) => `{id: ${program}, effect: allow, run: {argv: [${program}], rest: any}}`,
      ),
      `{id: restart, effect: approve, ${by}, run: {argv: [systemctl, restart, {glob: "shop*"}]}}`,
      `{id: reboot, effect: approve, ${by}, run: {as: [root], argv: [reboot]}}`,
      `{id: down, effect: approve, ${by}, run: {as: [root], argv: [shutdown, now]}}`,
    )
    const rules: Readonly<Record<string, string>> = {
      "sh -x -c 'systemctl restart shop'": 'restart',
      "sh -x -c 'systemctl restart shop; true'": 'restart',
      "sh -x -c 'systemctl status shop; systemctl --now restart shop-api >/srv/x'": 'restart',
      "sh -x -c '/bin/systemctl restart shop; reboot'": 'restart,reboot',
      'sudo -E reboot': 'reboot',
      'sudo -E reboot --force': 'reboot',
      'echo shop | xargs systemctl restart': 'restart',
      'echo now | xargs sudo shutdown': 'down',
      'find . -exec systemctl restart {} +': 'restart',
    }
    for (const [line, wanted] of Object.entries(rules)) {
      const { effect, rule } = askExec(wide, line)
      assert.equal(`${effect} ${rule}`, `approve ${wanted}`, line)
    }
    assert.equal(askExec(wide, "sh -x -c 'systemctl status shop'").effect, 'allow')
    assert.equal(askExec(wide, 'echo now | xargs echo').effect, 'allow')
  })

  it('are not evaded by a redirect that they do not list', () => {
    const rule = `{id: restart, effect: approve, ${by}, run: {argv: [systemctl, restart, shop]}}`
    const any =
      '{id: any, effect: allow, run: {argv: [systemctl], rest: any, redirects: {write: [/srv/**]}}}'
    const sh = '{id: sh, effect: allow, run: {argv: [sh], rest: any}}'
    const trusted = '{id: t, effect: allow, unresolved: allow}'
    for (const [rules, line, wanted] of [
      [[rule, any], 'systemctl restart shop > /srv/x', 'approve restart'],
      [[rule, any], 'systemctl status shop > /srv/x', 'allow any'],
      [[rule, sh], "sh -c 'systemctl restart shop > /srv/x'", 'approve restart'],
      [[rule, trusted], 'systemctl restart shop > /srv/x', 'deny default'],
      [[rule], 'systemctl restart shop > /srv/x', 'deny default'],
    ] as const) {
      const decision = askExec(policyOf(...rules), line)
      assert.equal(`${decision.effect} ${decision.rule}`, wanted, line)
    }
  })

  it('add up where the whole and what it runs both ask', () => {
    const both = policyOf(
      `{id: outer, effect: approve, ${by}, run: {argv: [sudo], rest: any}}`,
      `{id: inner, effect: approve, ${by}, run: {as: [root], argv: [id], clean_env: true}}`,
    )
    const decision = askExec(both, 'sudo id')
    assert.ok(decision.effect === 'approve')
    assert.equal(decision.rule, 'outer,inner')
    assert.equal(decision.terms.length, 2)
    assert.match(decision.send.toString(), /^'\/usr\/bin\/env' '-i' .* 'sudo' 'id'$/)
    assert.equal(askExec(both, 'sudo ls').rule, 'outer')
  })
})
