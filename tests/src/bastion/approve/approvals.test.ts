import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Room, START, ask, person } from './support/room.ts'

const ANN = person('ann', 'sre')
const BEN = person('ben', 'sre', 'dba')
const DAN = person('dan', 'dba')
const EVE = person('eve', 'sre-emeriti')

describe('a held command', () => {
  let room: Room

  beforeEach(() => {
    room = new Room()
  })

  afterEach(() => {
    room.end()
  })

  it('puts no more variables to a person than can be read', () => {
    const asked = (value: string): ReturnType<Room['approvals']['ask']> =>
      room.approvals.ask(ask({ variables: [`A=${value}`, `B=${value}`] }, {}))
    assert.equal(asked('x'.repeat(4000)).kind, 'pending')
    assert.deepEqual(asked('x'.repeat(4200)), {
      kind: 'rejected',
      message: 'variables of more than 8192 bytes cannot be put to a person',
    })
    const [whole, cut] = room.lines.map(({ detail }) => String(detail?.['variables']).length)
    assert.deepEqual([whole, cut], [8005, 161])
  })

  it('of before variables were kept has none', () => {
    const { ticket } = room.pending()
    room.approvals.close()
    const database = new DatabaseSync(room.file)
    database.exec("UPDATE tickets SET bound = json_remove(bound, '$.variables')")
    database.close()
    room.approvals = room.open()
    assert.deepEqual(room.approvals.get(ticket)?.bound.variables, [])
  })

  it('goes on with the stored bytes once somebody who may has approved', async () => {
    const send = Buffer.from("'uptime'")
    const held = { ...ask().held, send }
    const pending = room.pending({ held })
    send.fill(0x78)
    assert.deepEqual(room.decide(pending.ticket, ANN, { reason: 'fine' }), { kind: 'approved' })
    const outcome = await pending.outcome
    assert.ok(outcome.kind === 'approved')
    assert.equal(outcome.send.toString(), "'uptime'")
    assert.deepEqual(outcome.by, ['Ms ann'])
    assert.equal(room.approvals.get(pending.ticket)?.state, 'used')
    assert.deepEqual(room.events(), ['approve.asked', 'approve.approved', 'approve.used'])
  })

  it('has a ticket that cannot be guessed, a link to it, and an end', () => {
    const { ticket, link, expiresAt, waitsFor } = room.pending()
    assert.ok(Buffer.from(ticket, 'base64url').length >= 16)
    assert.equal(link, `https://bastion.example/approvals/${ticket}`)
    assert.equal(expiresAt, START + 60_000)
    assert.equal(waitsFor, 'sre')
    assert.notEqual(room.pending().ticket, ticket)
    assert.equal(statSync(room.file).mode & 0o777, 0o600)
    assert.equal(statSync(`${room.file}-wal`).mode & 0o777, 0o600)
  })

  it('has the variables that it runs with in each line of the audit log', () => {
    const { ticket } = room.pending({ variables: ['PGHOST=db-1'] })
    room.decide(ticket, ANN)
    const variables = room.lines.map(({ detail }) => detail?.['variables'])
    assert.deepEqual(
      variables,
      Array.from({ length: 3 }, () => ['PGHOST=db-1']),
    )
  })

  it('is let go once only', async () => {
    const pending = room.pending()
    room.decide(pending.ticket, ANN)
    const again = room.decide(pending.ticket, BEN)
    assert.ok(again.kind === 'rejected' && again.code === 'ended')
    assert.equal(room.events().filter((event) => event === 'approve.used').length, 1)
    pending.cancel('too late')
    assert.equal((await pending.outcome).kind, 'approved')
    assert.equal(room.approvals.get(pending.ticket)?.state, 'used')
  })

  it('needs each of the persons that the rule counts, and nobody twice', async () => {
    const pending = room.pending({}, { count: 2 })
    assert.equal(pending.waitsFor, 'sre (0 of 2)')
    assert.deepEqual(room.decide(pending.ticket, ANN), {
      kind: 'waiting',
      waitsFor: 'sre (1 of 2)',
    })
    const twice = room.decide(pending.ticket, { ...ANN, groups: ['sre', 'dba'] })
    assert.ok(twice.kind === 'rejected' && twice.code === 'repeated')
    assert.equal(room.approvals.get(pending.ticket)?.state, 'pending')
    assert.deepEqual(room.decide(pending.ticket, BEN), { kind: 'approved' })
    const outcome = await pending.outcome
    assert.deepEqual(outcome.kind === 'approved' && outcome.by, ['Ms ann', 'Ms ben'])
  })

  it('counts somebody who is in both groups of one rule once', () => {
    const by = { groups: ['sre', 'dba'], identities: ['ben'] }
    const pending = room.pending({}, { by, count: 2 })
    assert.deepEqual(room.decide(pending.ticket, BEN), {
      kind: 'waiting',
      waitsFor: 'sre or dba or ben (1 of 2)',
    })
  })

  it('needs the terms of every rule; one person may do for several', () => {
    const dba = { by: { groups: ['dba'], identities: [] } }
    const both = room.pending({}, {}, dba)
    assert.equal(both.waitsFor, 'sre and dba')
    assert.deepEqual(room.decide(both.ticket, DAN), { kind: 'waiting', waitsFor: 'sre' })
    assert.deepEqual(room.decide(both.ticket, ANN), { kind: 'approved' })
    assert.deepEqual(room.decide(room.pending({}, {}, dba).ticket, BEN), { kind: 'approved' })
  })

  it('lets nobody decide whom no rule names, and writes down who tried', () => {
    const pending = room.pending()
    for (const [verdict, who] of [
      ['approve', EVE],
      ['refuse', EVE],
      ['approve', { ...EVE, name: 'sre', groups: [] }],
    ] as const) {
      const answer = room.decide(pending.ticket, who, { verdict })
      assert.deepEqual(answer, {
        kind: 'rejected',
        code: 'not-entitled',
        message: 'Rule restart leaves this to sre.',
      })
    }
    const line = room.lines.at(-1)
    assert.equal(line?.event, 'approve.rejected')
    assert.equal(line?.detail['code'], 'not-entitled')
    assert.deepEqual(line?.detail['approver'], {
      issuer: 'https://id.example',
      subject: 'eve',
      name: 'sre',
    })
    assert.equal(room.approvals.get(pending.ticket)?.state, 'pending')
  })

  it('does not take the name that somebody shows for the identity that a rule names', () => {
    const pending = room.pending({}, { by: { groups: [], identities: ['ann'] } })
    const answer = room.decide(pending.ticket, { ...EVE, name: 'ann' })
    assert.ok(answer.kind === 'rejected' && answer.code === 'not-entitled')
    assert.deepEqual(room.decide(pending.ticket, { ...ANN, groups: [] }), { kind: 'approved' })
  })

  it('is never decided by the one who asks', () => {
    const identity = { ...ask().identity, name: 'ann', subject: 'ann-s' }
    for (const self of [
      { ...BEN, subject: 'ann-s' },
      { ...BEN, identity: 'ann' },
      { ...BEN, name: 'ann' },
    ]) {
      for (const verdict of ['approve', 'refuse'] as const) {
        const answer = room.decide(room.pending({ identity }).ticket, self, { verdict })
        assert.ok(answer.kind === 'rejected' && answer.code === 'own-request')
      }
    }
  })

  it('ends with one refusal, even beside an approval', async () => {
    const pending = room.pending({}, { count: 2 })
    room.decide(pending.ticket, ANN)
    const answer = room.decide(pending.ticket, BEN, { verdict: 'refuse', reason: 'not\nnow\u202e' })
    assert.deepEqual(answer, { kind: 'refused' })
    assert.deepEqual(await pending.outcome, { kind: 'refused', by: 'Ms ben', reason: 'not now' })
    const late = room.decide(pending.ticket, DAN)
    assert.ok(late.kind === 'rejected')
  })

  it('wants a reason where the rule does, and keeps a short one only', () => {
    const pending = room.pending({}, { reasonRequired: true })
    for (const [reason, code] of [
      ['', 'reason-missing'],
      [' \u200b\n ', 'reason-missing'],
      ['x'.repeat(1025), 'reason-too-long'],
      ['é'.repeat(513), 'reason-too-long'],
    ] as const) {
      const answer = room.decide(pending.ticket, ANN, { reason })
      assert.ok(answer.kind === 'rejected' && answer.code === code, code)
    }
    assert.deepEqual(room.decide(pending.ticket, ANN, { reason: 'ticket 7' }), { kind: 'approved' })
    assert.equal(room.approvals.get(pending.ticket)?.approvals[0]?.reason, 'ticket 7')
  })

  it('is approved only by somebody who was shown it as it is', () => {
    const shown = room.pending()
    const held = { ...ask().held, send: Buffer.from("'rm' '-r' '/'") }
    const other = room.pending({ held })
    const digest = room.approvals.get(shown.ticket)?.digest ?? ''
    const answer = room.decide(other.ticket, ANN, { digest })
    assert.ok(answer.kind === 'rejected' && answer.code === 'other-digest')
  })

  it('has a digest over all that is shown and sent', () => {
    const base = ask()
    const { held, identity } = base
    const variants = [
      {},
      { connectionId: 'c2' },
      { channel: 1 },
      { target: 'web-2' },
      { login: 'root' },
      { identity: { ...identity, issuer: 'gitlab' } },
      { identity: { ...identity, subject: 'other' } },
      { identity: { ...identity, name: 'ci/other' } },
      { held: { ...held, judged: false } },
      { held: { ...held, rule: 'stop' } },
      { held: { ...held, send: Buffer.from('x') } },
      { held: { ...held, commands: [['systemctl', 'restart shop']] } },
      { title: 'uptime' },
    ]
    const digests = variants.map((values) => {
      return room.approvals.get(room.pending(values).ticket)?.digest
    })
    assert.equal(new Set(digests).size, variants.length)
  })

  it('expires by timer, and by the clock where the timer is late', async () => {
    const pending = room.pending()
    room.clock.advance(59_999)
    assert.equal(room.approvals.get(pending.ticket)?.state, 'pending')
    room.clock.advance(1)
    assert.deepEqual(await pending.outcome, { kind: 'expired' })
    assert.equal(room.approvals.get(pending.ticket)?.state, 'expired')
    const late = room.pending()
    room.clock.time += 60_000
    const answer = room.decide(late.ticket, ANN)
    assert.ok(answer.kind === 'rejected' && answer.code === 'ended')
    assert.equal(room.events().includes('approve.used'), false)
  })

  it('waits as long as the most impatient of its rules', () => {
    assert.equal(room.pending({}, { ttl: 60 }, { ttl: 5 }).expiresAt, START + 5000)
  })

  it('ends when the agent leaves', async () => {
    const pending = room.pending({}, { count: 2 })
    room.decide(pending.ticket, ANN)
    pending.cancel('the agent has left')
    assert.deepEqual(await pending.outcome, { kind: 'cancelled', reason: 'the agent has left' })
    const answer = room.decide(pending.ticket, BEN)
    assert.ok(answer.kind === 'rejected' && answer.code === 'ended')
  })

  it('ends with a stop, and is never run after a restart', async () => {
    const pending = room.pending()
    room.restart()
    assert.deepEqual(await pending.outcome, {
      kind: 'cancelled',
      reason: 'the bastion is stopping',
    })
    assert.equal(room.decide(pending.ticket, ANN).kind, 'rejected')
    assert.deepEqual(room.approvals.list(), [])
  })
})
