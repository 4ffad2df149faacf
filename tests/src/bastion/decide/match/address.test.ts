import assert from 'node:assert/strict'
import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { isInward, readAddress } from '@sallyport/bastion/decide/match'
import type { Policy } from '@sallyport/bastion/decide'
import { ask, policyOf } from '../ask.ts'

const loopback =
  '127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.1 0X7F.0.0.1 0177.0.0.1 ' +
  '017700000001 127.0.0.1. ::1 [::1] 0:0:0:0:0:0:0:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ' +
  '::FFFF:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ::ffff:0:127.0.0.1 ' +
  'localhost LOCALHOST localhost. x.localhost a.b.localhost. localhost.localdomain ' +
  'localhost6 ip6-localhost ip6-loopback'
const unspecified = '0.0.0.0 0 00 0x0 0.1.2.3 :: [::] ::0 0:0:0:0:0:0:0:0'
const link =
  '169.254.1.1 169.254.169.254 169.254.43518 2852039166 0xa9fea9fe 0251.0376.0251.0376 ' +
  '::ffff:169.254.169.254 ::ffff:a9fe:a9fe fe80::1 fe80::1%eth0 [fe80::1%1] FEBF::1'
const metadata =
  'fd00:ec2::254 FD00:0EC2:0::0254 metadata metadata.google.internal METADATA.google.internal ' +
  'metadata.google.internal. instance-data instance-data.ec2.internal 100.100.100.200 168.63.129.16'

const inward = [loopback, unspecified, link, metadata].flatMap((list) => list.split(' '))

const to = (policy: Policy, host: string): string =>
  ask(policy, { kind: 'direct-tcpip', host, port: 80 }).effect

const local = (effect: string, host: string): string =>
  `{id: ${effect}, effect: ${effect}, forward: {local: [{host: ${host}, ports: any}]}}`

describe('a connection to the target itself, its link or cloud metadata', () => {
  it('is opened by no pattern, however it is spelled', () => {
    const policies = [
      policyOf(local('allow', '{any: true}')),
      policyOf(local('allow', '{glob: "*"}')),
      policyOf(local('allow', '{glob: "*.*"}')),
      policyOf(local('allow', '{glob: "*.*.*"}')),
      policyOf(local('allow', '{glob: "*.*.*.*"}')),
    ]
    for (const host of [...inward, ''])
      for (const policy of policies) assert.equal(to(policy, host), 'deny', host)
    for (const host of inward) assert.equal(isInward(host), true, host)
  })

  it('is opened by a rule that spells that very host out', () => {
    const policy = policyOf(local('allow', '127.0.0.1'), local('deny', '10.0.0.1'))
    for (const host of inward)
      assert.equal(to(policy, host), host === '127.0.0.1' ? 'allow' : 'deny', host)
  })

  it('leaves other hosts to the rules', () => {
    const policy = policyOf(local('allow', '{any: true}'))
    for (const host of ['db', 'db.internal', '10.0.0.1', '128.0.0.1', '169.253.1.1', 'mylocalhost'])
      assert.equal(to(policy, host), 'allow', host)
  })

  it('is no matter for listening, where the target itself is meant', () => {
    const policy = policyOf(
      '{id: a, effect: allow, forward: {remote: [{host: {any: true}, ports: [8080]}]}}',
    )
    assert.equal(
      ask(policy, { kind: 'tcpip-forward', host: 'localhost', port: 8080 }).effect,
      'allow',
    )
    assert.equal(ask(policy, { kind: 'tcpip-forward', host: '', port: 8080 }).effect, 'deny')
  })
})

describe('a deny rule about a host', () => {
  it('covers every spelling of its address', () => {
    const policy = policyOf(
      local('allow', '{any: true}'),
      '{id: n, effect: deny, forward: {local: [{host: 10.1.2.3, ports: any}, {host: "fd00::1", ports: any}]}}',
    )
    for (const host of '10.1.2.3 10.66051 167838211 0xa010203 ::ffff:10.1.2.3 fd00:0::1 [FD00::1]'.split(
      ' ',
    )) {
      const decision = ask(policy, { kind: 'direct-tcpip', host, port: 80 })
      assert.equal(decision.rule, 'n', host)
    }
    assert.equal(to(policy, '10.1.2.4'), 'allow')
  })
})

describe('readAddress', () => {
  it('takes for IPv6 what the platform takes for it', () => {
    const piece = fc.constantFrom(':', '::', '0', '1', 'ff', 'fe80', '12345', '.', '1.2.3.4', 'g')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        if (text.includes(':')) assert.equal(readAddress(text) !== undefined, isIPv6(text), text)
      }),
      { numRuns: 20_000 },
    )
  })

  it('reads IPv4 in as many numbers as inet_aton does', () => {
    const parts = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    const radix = fc.constantFrom<(value: number) => string>(
      String,
      (value) => `0x${value.toString(16)}`,
      (value) => `0${value.toString(8)}`,
    )
    fc.assert(
      fc.property(parts, radix, ([a, b, c, d], write) => {
        const text = `${a}.${b}.${c}.${d}`
        for (const numbers of [
          [a, b, c, d],
          [a, b, c * 256 + d],
          [a, (b * 256 + c) * 256 + d],
          [((a * 256 + b) * 256 + c) * 256 + d],
        ])
          assert.equal(readAddress(numbers.map(write).join('.'))?.text, text)
      }),
    )
    for (const text of [
      '256.1.1.1',
      '1.256.1',
      '4294967296',
      '1.2.3.4.5',
      '08',
      '1..2',
      '',
      'a',
      '1.2.3.4a',
    ])
      assert.equal(readAddress(text), undefined, text)
  })
})
