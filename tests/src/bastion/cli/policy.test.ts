import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPolicy, explainPolicy, testPolicy } from '@sallyport/bastion/cli'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const docs = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8')

const policyText = `version: 1
rules:
  - id: logs
    effect: allow
    who: { groups: [ci] }
    run: { argv: [tail], rest: { each: { path: '/var/log/*' } } }
    tests: { match: [tail /var/log/x], no_match: [tail /etc/x] }
  - id: hours
    effect: allow
    when: { between: '08:00-18:00', tz: UTC }
    run: { argv: [uptime] }
    tests: { match: [uptime] }
  - id: restart
    effect: approve
    approve: { by: { groups: [sre] } }
    where: { labels: { env: prod } }
    run: { argv: [systemctl, restart, shop] }
    tests: { match: [systemctl restart shop] }
`

interface Said {
  readonly held: boolean
  readonly out: string
}

describe('sallyport policy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-policy-'))
  const write = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }
  const policy = write('policy.yaml', policyText)
  const identity = write('claims.json', '{"name": "shop-ci", "groups": ["ci"]}')
  after(() => rmSync(folder, { recursive: true }))

  const listen = async (run: (say: (text: string) => void) => Promise<boolean>): Promise<Said> => {
    const lines: string[] = []
    const held = await run((text) => void lines.push(text))
    return { held, out: lines.join('\n') }
  }
  const check = (file: string, strict = false, json = false): Promise<Said> =>
    listen((say) => checkPolicy({ file, strict, json, say }))
  const test = (file: string, cases?: string, json = false): Promise<Said> =>
    listen((say) => testPolicy({ file, cases, json, say }))

  it('check prints warnings, and fails on them only when it is strict', async () => {
    const more = '  - { id: any, effect: allow, unresolved: allow }\n'
    const loose = write('loose.yaml', policyText + more)
    const found = await check(loose)
    assert.equal(found.held, true)
    assert.match(found.out, /^\S+loose\.yaml:19:31: rules\.3\.unresolved: warning: lines that/)
    assert.match(found.out, /loose\.yaml: valid, revision [0-9a-f]{12}$/)
    assert.equal((await check(loose, true)).held, false)
    assert.equal((await check(policy, true)).held, true)
    const json: unknown = JSON.parse((await check(loose, false, true)).out)
    assert.deepEqual(Object.keys(Object(json)), ['valid', 'revision', 'warnings'])
    const bad = await check(write('bad.yaml', 'version: 1\nrules: [{id: a, effect: allow}]\n'))
    assert.equal(bad.held, false)
    assert.match(bad.out, /bad\.yaml:2:9: rules\.0: give exactly one of/)
  })

  const who = 'identity: {name: shop-ci, groups: [ci]}, target: {name: web-1, labels: {env: prod}}'

  it('test runs a file of cases', async () => {
    const good = write(
      'good.yaml',
      [
        `- {${who}, command: tail /var/log/x, expect: allow, rule: logs}`,
        `- {${who}, command: systemctl restart shop, expect: approve, rule: restart}`,
        `- {${who}, command: 'rm $x', expect: deny, rule: unparsable}`,
        `- {${who}, command: uptime, expect: allow, at: '2026-01-15T12:00:00Z'}`,
        `- {${who}, command: uptime, expect: deny}`,
        `- {${who}, request: pty, expect: deny}`,
      ].join('\n'),
    )
    const { held, out } = await test(policy, good)
    assert.equal(out, `${policy}: 4 examples in rules hold, 6 of 6 cases hold`)
    assert.equal(held, true)
    assert.equal((await test(policy)).held, true)
  })

  it('test says what matched where a case fails', async () => {
    const bad = write(
      'bad-cases.yaml',
      `- {${who}, command: tail /etc/x, expect: allow}\n` +
        `- {${who}, command: tail /var/log/x, expect: allow, rule: hours}\n`,
    )
    const { held, out } = await test(policy, bad)
    assert.equal(held, false)
    assert.match(out, /bad-cases\.yaml:1: "tail \/etc\/x": expected allow\n {2}deny by default\n/)
    assert.match(
      out,
      /not allow by logs .*word 2 is "\/etc\/x": expected a path like \/var\/log\/\*/,
    )
    assert.match(out, /bad-cases\.yaml:2: .*: expected allow by hours\n {2}allow by logs\n/)
    assert.match(out, /0 of 2 cases hold$/)
    const json: unknown = JSON.parse((await test(policy, bad, true)).out)
    assert.equal(Object(json).failures.length, 2)
  })

  it('test refuses a file that is not a file of cases', async () => {
    const wrong = await test(policy, write('wrong.yaml', `- {${who}, expect: allow, color: x}\n`))
    assert.equal(wrong.held, false)
    assert.match(wrong.out, /wrong\.yaml:1:\d+: 0\.color: unknown key color/)
    for (const text of ['', '[]', '{}', `- {${who}, expect: allow}`, `- {${who}, command: a}`])
      assert.equal((await test(policy, write('wrong.yaml', text))).held, false, text)
  })

  it('test holds the cases that the reference shows', async () => {
    const [, cases = ''] = /^```yaml cases\n(.*?)^```$/ms.exec(docs('policy.md')) ?? []
    const [, first = ''] = /^```yaml\n(.*?)^```$/ms.exec(docs('policy.md')) ?? []
    const found = await test(write('first.yaml', first), write('cases.yaml', cases))
    assert.match(found.out, /3 of 3 cases hold$/)
  })

  it('explain tells the decision and what is sent', async () => {
    const ask = (asked: string, more: { login?: string; at?: number; json?: boolean } = {}) =>
      listen(async (say) => {
        const { effect } = await explainPolicy({
          file: policy,
          identity,
          target: { name: 'web-1', labels: { env: 'prod' } },
          login: more.login ?? '',
          at: more.at ?? Date.parse('2026-01-15T12:00:00Z'),
          asked,
          request: false,
          json: more.json ?? false,
          say,
        })
        return effect === 'allow'
      })
    const { held, out } = await ask('tail  /var/log/x')
    assert.equal(held, true)
    assert.match(out, /^allow by logs\n/)
    assert.match(out, /\nsent: 'tail' '\/var\/log\/x'\n\(no --login was given/)
    assert.match((await ask('systemctl restart shop', { login: 'x' })).out, /^approve by restart\n/)
    assert.equal((await ask('uptime')).held, true)
    assert.equal((await ask('uptime', { at: Date.parse('2026-01-15T18:00:00Z') })).held, false)
    const json: unknown = JSON.parse((await ask('tail /var/log/x', { json: true })).out)
    assert.equal(Object(json).decision.send, "'tail' '/var/log/x'")
    assert.equal(Object(json).parts[0].matching[0].id, 'logs')
  })

  describe('as a program', () => {
    const end = (...args: readonly string[]): { code: number | null; complaint: string } => {
      const { status, stderr } = spawnSync(
        join(root, 'bastion/bin/sallyport'),
        ['policy', 'explain', policy, ...args],
        { encoding: 'utf8', cwd: folder },
      )
      return { code: status, complaint: stderr }
    }
    const asAgent = ['--identity', identity, '--target', 'web-1,env=prod'] as const

    it('ends with a code for each decision', () => {
      assert.equal(end('tail /var/log/x', ...asAgent).code, 0)
      assert.equal(end('rm x', ...asAgent).code, 1)
      assert.equal(end('systemctl restart shop', ...asAgent).code, 3)
      assert.equal(end('uptime', ...asAgent, '--at', '2026-01-15T12:00:00Z').code, 0)
      assert.equal(end('pty', ...asAgent, '--request').code, 1)
    })

    it('complains of what it does not understand', () => {
      assert.equal(end('uptime', ...asAgent, '--at', 'tomorrow').code, 2)
      assert.equal(end('uptime', '--identity', identity, '--target', ',a=b').code, 2)
      const odd = end(
        'x',
        '--identity',
        write('odd.json', '{"name": "x", "roles": []}'),
        '--target',
        'a',
      )
      assert.equal(odd.code, 1)
      assert.match(odd.complaint, /odd\.json: .*roles/)
    })
  })
})
