import assert from 'node:assert/strict'
import type { GrantEnd } from '@sallyport/bastion/approve'
import { Room, START, ask, person } from './support/room.ts'

const ANN = person('ann', 'sre')
const BEN = person('ben', 'sre')
const TEN_MINUTES = { grant: 600 }

describe('a grant', () => {
  let room: Room

  beforeEach(() => {
    room = new Room()
  })

  afterEach(() => {
    room.end()
  })

  it('covers the same rule, identity, target and login without asking', async () => {
    const pending = room.pending({}, TEN_MINUTES)
    assert.deepEqual(room.decide(pending.ticket, ANN, { grantSeconds: 300 }), {
      kind: 'approved',
      grantUntil: START + 300_000,
    })
    const outcome = await pending.outcome
    const grant = outcome.kind === 'approved' ? outcome.grant : undefined
    assert.equal(grant?.until, START + 300_000)
    const held = { ...ask({}, TEN_MINUTES).held, send: Buffer.from("'other'") }
    const next = room.approvals.ask(ask({ connectionId: 'c2', channel: 3, held }))
    assert.ok(next.kind === 'granted')
    assert.equal(next.send.toString(), "'other'")
    assert.deepEqual(next.grant, grant)
    const line = room.lines.at(-1)
    assert.equal(line?.event, 'approve.grant-used')
    assert.equal(line?.detail['connectionId'], 'c2')
  })

  it('covers nothing else', () => {
    room.decide(room.pending({}, TEN_MINUTES).ticket, ANN, { grantSeconds: 300 })
    const { held, identity } = ask({}, TEN_MINUTES)
    for (const values of [
      { target: 'web-2' },
      { login: 'root' },
      { identity: { ...identity, name: 'ci/other' } },
      { identity: { ...identity, subject: 'other' } },
      { identity: { ...identity, issuer: 'gitlab' } },
      { held: { ...held, rule: 'restart,stop' } },
      { held: { ...held, judged: false } },
      { held: ask({}, { grant: 900 }).held },
      { held: ask({}, { grant: 0 }).held },
    ]) {
      assert.equal(room.approvals.ask(ask({ held, ...values })).kind, 'pending')
    }
    assert.equal(room.approvals.ask(ask({ held })).kind, 'granted')
  })

  it('is not given for text that nobody resolved, nor for longer than any rule allows', () => {
    const text = { ...ask({}, TEN_MINUTES).held, judged: false }
    const cases = [
      [room.pending({ held: text }), 1],
      [room.pending({}, TEN_MINUTES, { grant: 60 }), 61],
      [room.pending({}, TEN_MINUTES, { grant: 0 }), 1],
      [room.pending({}, TEN_MINUTES), 0.5],
      [room.pending({}, TEN_MINUTES), -1],
    ] as const
    for (const [pending, grantSeconds] of cases) {
      const answer = room.decide(pending.ticket, ANN, { grantSeconds })
      assert.ok(answer.kind === 'rejected' && answer.code === 'grant-too-long')
      assert.equal(room.approvals.get(pending.ticket)?.state, 'pending')
    }
  })

  it('takes as many persons as the command, for the shortest time that one of them says', () => {
    const two = { ...TEN_MINUTES, count: 2 }
    const first = room.pending({}, two)
    room.decide(first.ticket, ANN, { grantSeconds: 600 })
    assert.deepEqual(room.approvals.grants(), [])
    assert.deepEqual(room.decide(first.ticket, BEN), { kind: 'approved' })
    assert.equal(room.approvals.ask(ask({}, two)).kind, 'pending')
    const second = room.pending({}, two)
    room.decide(second.ticket, ANN, { grantSeconds: 600 })
    assert.deepEqual(room.decide(second.ticket, BEN, { grantSeconds: 60 }), {
      kind: 'approved',
      grantUntil: START + 60_000,
    })
  })

  it('ends at its own time, whenever what runs under it began', () => {
    const ends: GrantEnd[] = []
    room.approvals.onGrantEnded((end) => ends.push(end))
    room.decide(room.pending({}, TEN_MINUTES).ticket, ANN, { grantSeconds: 600 })
    room.clock.advance(599_999)
    const late = room.approvals.ask(ask({}, TEN_MINUTES))
    assert.ok(late.kind === 'granted')
    assert.equal(late.grant.until, START + 600_000)
    room.clock.advance(1)
    assert.equal(room.approvals.ask(ask({}, TEN_MINUTES)).kind, 'pending')
    assert.deepEqual(ends, [{ grant: late.grant, why: 'expired' }])
    assert.deepEqual(room.approvals.grants(), [])
  })

  it('ends by the clock where the timer is late', () => {
    room.decide(room.pending({}, TEN_MINUTES).ticket, ANN, { grantSeconds: 600 })
    room.clock.time += 600_000
    assert.deepEqual(room.approvals.grants(), [])
    assert.equal(room.approvals.ask(ask({}, TEN_MINUTES)).kind, 'pending')
  })

  it('survives a restart with its end, and not its end', () => {
    room.decide(room.pending({}, TEN_MINUTES).ticket, ANN, { grantSeconds: 600 })
    room.clock.advance(500_000)
    room.restart()
    assert.equal(room.approvals.grants()[0]?.until, START + 600_000)
    assert.equal(room.approvals.ask(ask({}, TEN_MINUTES)).kind, 'granted')
    const ends: GrantEnd[] = []
    room.approvals.onGrantEnded((end) => ends.push(end))
    room.clock.advance(100_000)
    assert.equal(ends.length, 1)
  })

  it('ends when somebody takes it back, and says whether that ends sessions', () => {
    const ends: GrantEnd[] = []
    room.approvals.onGrantEnded((end) => ends.push(end))
    const strict = { ...TEN_MINUTES, endsSessions: true }
    room.decide(room.pending({}, strict).ticket, ANN, { grantSeconds: 600 })
    const id = room.approvals.grants()[0]?.id ?? ''
    assert.equal(room.approvals.revokeGrant('other', BEN, ''), false)
    assert.equal(room.approvals.revokeGrant(id, BEN, 'done'), true)
    assert.equal(room.approvals.revokeGrant(id, BEN, 'done'), false)
    assert.equal(ends.length, 1)
    assert.equal(ends[0]?.why, 'revoked')
    assert.equal(ends[0]?.grant.endsSessions, true)
    assert.equal(room.approvals.ask(ask({}, strict)).kind, 'pending')
    const line = room.lines.find(({ event }) => event === 'approve.grant-revoked')
    assert.equal(line?.detail['reason'], 'done')
  })

  it('ends with its identity', () => {
    room.decide(room.pending({}, TEN_MINUTES).ticket, ANN, { grantSeconds: 600 })
    const { name } = ask().identity
    assert.deepEqual(room.approvals.revoke({ name: 'x' }, 'r'), { pending: 0, grants: 0 })
    assert.deepEqual(room.approvals.revoke({ name }, 'r'), { pending: 0, grants: 1 })
    assert.equal(room.approvals.ask(ask({}, TEN_MINUTES)).kind, 'pending')
  })
})
