import { strict as assert } from 'node:assert'
import { parseConfig, type RotationsEntry } from '@sallyport/bastion/config'

const BASE = `data: data
ssh: { port: 2222, names: [bastion] }
http: { port: 8080, url: 'http://127.0.0.1:8080' }
vault: { keyFile: kek }
policy: policy.yaml
issuers: [{ name: ci, issuer: 'https://ci.example', audience: 'https://sallyport.example' }]
identities: [{ id: agent, issuer: ci, match: { kind: a }, name: { claim: sub }, principals: [deploy] }]
targets:
  - { name: web, address: 10.0.0.7, labels: { env: prod }, logins: [{ login: deploy, key: web }] }
  - { name: db, address: 10.0.0.8, logins: [{ login: deploy, key: web }, { login: admin, key: db }] }
`

const read = (rotation: string): RotationsEntry =>
  parseConfig(`${BASE}rotation: ${rotation}\n`, 'sallyport.yaml').rotation

describe('the rotation entry of a configuration', () => {
  it('may be left out: then nothing is rotated by itself, and nothing is frozen', () => {
    assert.deepEqual(parseConfig(BASE, 'sallyport.yaml').rotation, { schedules: [], freezes: [] })
  })

  it('has spans as people write them, and defaults', () => {
    const hours = "{ days: [Mon], between: '22:00-04:00', tz: Europe/Berlin }"
    const { schedules } = read(
      `{ schedules: [{ name: all, every: 30d }, { name: db, every: 90m, jitter: 30m, type: rsa, stopAfter: 1, keys: [db], hours: ${hours} }] }`,
    )
    assert.deepEqual(schedules, [
      { name: 'all', every: 2_592_000, jitter: 3600, stopAfter: 3, type: 'ed25519' },
      {
        name: 'db',
        every: 5400,
        jitter: 1800,
        stopAfter: 1,
        type: 'rsa',
        keys: ['db'],
        hours: { days: ['Mon'], between: '22:00-04:00', tz: 'Europe/Berlin' },
      },
    ])
  })

  it('has weekly freezes and dated ones', () => {
    const { freezes } = read(`
  freezes:
    - name: weekend
      weekly: { days: [Sat, Sun], tz: Europe/Berlin }
    - name: year-end
      from: 2026-12-20T00:00:00+01:00
      until: 2027-01-06T00:00:00+01:00`)
    assert.deepEqual(freezes, [
      { name: 'weekend', weekly: { days: ['Sat', 'Sun'], tz: 'Europe/Berlin' } },
      {
        name: 'year-end',
        from: '2026-12-20T00:00:00+01:00',
        until: '2027-01-06T00:00:00+01:00',
      },
    ])
  })

  const schedule = (rest: string): string => `{ schedules: [{ name: s, every: 30d, ${rest} }] }`
  const freeze = (rest: string): string => `{ freezes: [{ name: f, ${rest} }] }`
  for (const [why, text, message] of [
    ['an unknown field', schedule('evry: 1d'), /schedules\.0: Unrecognized key: "evry"/],
    ['a span without a unit', '{ schedules: [{ name: s, every: "30" }] }', /written 90m, 12h/],
    ['a span under an hour', '{ schedules: [{ name: s, every: 59m }] }', /every: at least 1h/],
    ['more jitter than age', schedule('jitter: 31d'), /jitter: no longer than every/],
    [
      'keys and labels at once',
      schedule('keys: [db], labels: { a: b }'),
      /either keys, or targets/,
    ],
    ['a key that no login has', schedule('keys: [dbb]'), /schedules\.s: there is no key .* dbb/],
    [
      'an unknown target',
      schedule('targets: [dbb]'),
      /there is no key of a login, or target, named dbb/,
    ],
    [
      'a key that lets in elsewhere too',
      schedule('labels: { env: prod }'),
      /schedules\.s: the key web also lets in at db, which is not selected/,
    ],
    ['an unknown zone', schedule('hours: { days: [Mon], tz: Berlin }'), /not a time zone/],
    [
      'a name twice',
      '{ freezes: [{ name: f, weekly: { days: [Mon], tz: UTC } }, { name: f, weekly: { days: [Mon], tz: UTC } }] }',
      /freezes: f stands twice/,
    ],
    ['a freeze without a time', freeze(''), /either weekly, or both from and until/],
    ['half a time', freeze('from: 2026-12-20T00:00:00Z'), /either weekly, or both/],
    [
      'a date without an offset',
      freeze('from: 2026-12-20T00:00:00, until: 2026-12-21T00:00:00'),
      /with its offset/,
    ],
    [
      'an end before its beginning',
      freeze('from: 2026-12-20T00:00:00Z, until: 2026-12-20T00:30:00+01:00'),
      /until: not after from/,
    ],
    [
      'a freeze without an end',
      freeze('weekly: { between: "00:00-24:00", tz: UTC }'),
      /this freeze never ends/,
    ],
  ] as const)
    it(`is refused for ${why}`, () => {
      assert.throws(() => read(text), { message })
    })

  it('may name labels that no target has yet', () => {
    assert.equal(read(schedule('labels: { env: later }')).schedules.length, 1)
  })
})
