import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { createTicketStore, migrate } from '@sallyport/bastion/approve/store'
import type { TicketStore } from '@sallyport/bastion/approve/store'
import { ask, terms } from '../support/room.ts'

const NOW = 1000

describe('the store of tickets', () => {
  let database: DatabaseSync
  let store: TicketStore

  beforeEach(() => {
    database = new DatabaseSync(':memory:')
    migrate(database)
    store = createTicketStore(database)
    const { held, serial: _serial, ...rest } = ask()
    store.add({
      id: 't',
      askedAt: 0,
      expiresAt: NOW,
      bound: { ...rest, rule: held.rule, terms: [terms()], judged: true, commands: held.commands },
      send: held.send,
    })
  })

  afterEach(() => {
    database.close()
  })

  it('lets one of two ends win, whichever they are', () => {
    assert.equal(store.approve('t', 0), true)
    assert.equal(store.approve('t', 0), false)
    assert.equal(store.use('t', 0), true)
    assert.equal(store.use('t', 0), false)
    for (const state of ['refused', 'expired', 'cancelled'] as const) {
      assert.equal(store.end('t', { state, at: 1 }), false)
    }
    assert.equal(store.get('t')?.state, 'used')
  })

  it('uses nothing that has ended', () => {
    assert.equal(store.use('t', 0), false)
    assert.equal(store.approve('t', 0), true)
    assert.equal(store.end('t', { state: 'cancelled', at: 1, reason: 'gone' }), true)
    assert.equal(store.use('t', 0), false)
    assert.equal(store.approve('t', 0), false)
    assert.equal(store.get('t')?.endReason, 'gone')
  })

  it('approves nothing whose time is over', () => {
    assert.equal(store.approve('t', NOW), false)
    assert.equal(store.approve('t', NOW - 1), true)
  })

  it('takes no approval for what does not wait, and none twice', () => {
    const approval = { issuer: 'i', subject: 's', name: 'n', identity: 's', groups: [] }
    const rest = { at: 1, reason: '', grantSeconds: 0 }
    assert.equal(store.addApproval('t', { ...approval, ...rest }), true)
    assert.equal(store.addApproval('t', { ...approval, ...rest, name: 'other' }), false)
    assert.equal(store.addApproval('t', { ...approval, ...rest, issuer: 'j' }), true)
    assert.equal(store.get('t')?.approvals.length, 2)
    store.end('t', { state: 'refused', at: 2 })
    assert.equal(store.addApproval('t', { ...approval, ...rest, issuer: 'k' }), false)
    assert.equal(store.addApproval('other', { ...approval, ...rest }), false)
  })

  for (const [what, change] of [
    ['bytes', "send = x'726d'"],
    ['identity', "bound = replace(bound, 'ci/deploy', 'ci/evil')"],
    ['digest', "digest = 'f'"],
  ] as const) {
    it(`uses nothing whose ${what} changed on disk after it was approved`, () => {
      store.approve('t', 0)
      database.exec(`UPDATE tickets SET ${change}`)
      assert.equal(store.use('t', 0), false)
    })
  }

  it('is not opened by an older program', () => {
    database.exec('PRAGMA user_version = 99')
    assert.throws(() => migrate(database), { code: 'ERR_BASTION_APPROVALS' })
  })
})
