import assert from 'node:assert/strict'
import { Room, ask, person, terms } from './support/room.ts'

const ANN = person('ann', 'sre')

describe('the room for held commands', () => {
  let room: Room

  beforeEach(() => {
    room = new Room()
  })

  afterEach(() => {
    room.end()
  })

  it('belongs to one process', () => {
    assert.throws(() => room.open(), /locked/)
  })

  it('has names that no command line takes for an option', () => {
    const dashed = new Room({ random: (size) => Buffer.alloc(size, 0xf8) })
    try {
      assert.match(dashed.pending().ticket, /^[A-Za-z0-9_][A-Za-z0-9_-]{23}$/)
    } finally {
      dashed.end()
    }
  })

  it('is turned away when too many wait', () => {
    const small = new Room({ most: { perIdentity: 2, total: 3 } })
    const other = { identity: { ...ask().identity, name: 'ci/other' } }
    const first = small.pending()
    small.pending()
    assert.deepEqual(small.approvals.ask(ask()), {
      kind: 'rejected',
      message: '2 commands of this identity already wait for approval',
    })
    small.pending(other)
    assert.deepEqual(small.approvals.ask(ask(other)), {
      kind: 'rejected',
      message: 'too many commands wait for approval',
    })
    first.cancel('gone')
    small.pending(other)
    small.end()
  })

  it('is turned away when no person could read it', () => {
    const { held } = ask()
    for (const change of [
      { send: Buffer.alloc(0) },
      { send: Buffer.from([0xff, 0xfe]) },
      { send: Buffer.alloc(8193, 'x'), judged: false },
      { send: Buffer.alloc(41_000, 'x') },
      { terms: [] },
    ]) {
      assert.equal(room.approvals.ask(ask({ held: { ...held, ...change } })).kind, 'rejected')
    }
    assert.equal(
      room.approvals.ask(ask({ held: { ...held, terms: [terms({ count: 0 })] } })).kind,
      'pending',
    )
    const ticket = room.approvals.list()[0]?.id ?? ''
    assert.equal(room.decide(ticket, ANN).kind, 'waiting')
  })

  it('ends with the identity or the certificate that it came with', async () => {
    const serial = 2n ** 63n
    const mine = room.pending({ serial })
    const other = room.pending({ identity: { ...ask().identity, subject: 'other' }, serial: 4n })
    assert.deepEqual(room.approvals.revoke({}, 'nobody'), { pending: 0, grants: 0 })
    assert.deepEqual(room.approvals.revoke({ serial: 3n }, 'x'), { pending: 0, grants: 0 })
    assert.deepEqual(room.approvals.revoke({ serial }, 'revoked'), { pending: 1, grants: 0 })
    assert.deepEqual(await mine.outcome, { kind: 'cancelled', reason: 'revoked' })
    const match = { subject: 'other', issuer: 'gitlab' }
    assert.equal(room.approvals.revoke(match, 'revoked').pending, 0)
    assert.equal(room.approvals.revoke({ subject: 'other' }, 'revoked').pending, 1)
    assert.equal((await other.outcome).kind, 'cancelled')
  })

  it('tells those who watch', () => {
    const told: string[] = []
    const stop = room.approvals.subscribe((target) => told.push(target))
    const pending = room.pending({ target: 'web-2' })
    assert.deepEqual(told, ['web-2'])
    room.decide(pending.ticket, ANN)
    assert.deepEqual(told, ['web-2', 'web-2'])
    stop()
    room.pending()
    assert.equal(told.length, 2)
  })

  it('lets nothing go when the approval cannot be stored', async () => {
    let ids = 0
    const broken = new Room({
      random(size) {
        ids += 1
        if (ids > 1) throw new Error('no more')
        return new Uint8Array(size)
      },
    })
    const pending = broken.pending({}, { grant: 60 })
    const answer = broken.decide(pending.ticket, ANN, { grantSeconds: 60 })
    assert.ok(answer.kind === 'rejected')
    assert.equal((await pending.outcome).kind, 'cancelled')
    assert.equal(broken.approvals.get(pending.ticket)?.state, 'cancelled')
    assert.deepEqual(broken.approvals.grants(), [])
    assert.equal(broken.events().includes('approve.used'), false)
    const next = broken.approvals.ask(ask())
    assert.deepEqual(next, { kind: 'rejected', message: 'the approval could not be stored' })
    broken.end()
  })

  it('is forgotten in a long run too', () => {
    const pending = room.pending()
    pending.cancel('gone')
    room.clock.advance(91 * 24 * 60 * 60 * 1000)
    room.pending()
    room.clock.advance(60_000)
    assert.equal(room.approvals.get(pending.ticket), undefined)
  })

  it('is forgotten some time after its end', () => {
    const pending = room.pending()
    pending.cancel('gone')
    room.clock.advance(89 * 24 * 60 * 60 * 1000)
    room.restart()
    assert.ok(room.approvals.get(pending.ticket))
    room.clock.advance(2 * 24 * 60 * 60 * 1000)
    room.restart()
    assert.equal(room.approvals.get(pending.ticket), undefined)
  })
})
