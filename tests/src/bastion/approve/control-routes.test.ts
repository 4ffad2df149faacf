import assert from 'node:assert/strict'
import { answerControlCall, createApprovalDesk } from '@sallyport/bastion/approve'
import type { Answer } from '@sallyport/bastion/control'
import { Room } from './support/room.ts'

const ANN = { issuer: 'control', subject: 'ann', name: 'Ann', groups: ['sre'] }

describe('answerControlCall', () => {
  let room: Room

  beforeEach(() => {
    room = new Room()
  })

  afterEach(() => {
    room.end()
  })

  function call(
    method: string,
    path: string,
    body?: unknown,
    person = ANN,
  ): Promise<Answer | undefined> {
    return answerControlCall(createApprovalDesk(room.approvals), person, { method, path, body })
  }

  it('lists, shows, decides, and takes grants back', async () => {
    const { ticket } = room.pending({}, { grant: 60 })
    const list = await call('GET', '/api/approvals')
    assert.equal(list?.status, 200)
    const one = await call('GET', `/api/approvals/${ticket}`)
    const digest = room.approvals.get(ticket)?.digest
    assert.ok(JSON.stringify(one?.body).includes(`"digest":"${digest}"`))
    const verdict = { verdict: 'approve', digest, grantSeconds: 60 }
    const decided = await call('POST', `/api/approvals/${ticket}/decision`, verdict)
    assert.equal(decided?.status, 200)
    const id = room.approvals.grants()[0]?.id
    const grants = await call('GET', '/api/grants')
    assert.ok(JSON.stringify(grants?.body).includes(`"id":"${id}"`))
    assert.equal((await call('POST', `/api/grants/${id}/revoke`))?.status, 200)
    assert.equal((await call('POST', `/api/grants/${id}/revoke`))?.status, 404)
  })

  it('gives nobody a right that the desk does not', async () => {
    const { ticket } = room.pending()
    const digest = room.approvals.get(ticket)?.digest
    const path = `/api/approvals/${ticket}/decision`
    const outsider = { ...ANN, groups: [] }
    const answer = await call('POST', path, { verdict: 'approve', digest }, outsider)
    assert.equal(answer?.status, 409)
    assert.equal(room.approvals.get(ticket)?.state, 'pending')
  })

  it('refuses what it does not know', async () => {
    const { ticket } = room.pending()
    const path = `/api/approvals/${ticket}/decision`
    for (const body of [undefined, {}, { verdict: 'approve', digest: 'x' }, 'approve', null]) {
      assert.equal((await call('POST', path, body))?.status, 400)
    }
    assert.equal((await call('GET', '/api/approvals/AAAAAAAAAAAAAAAAAAAAAAAA'))?.status, 404)
    assert.equal(await call('GET', path), undefined)
    assert.equal(await call('POST', '/api/approvals'), undefined)
    assert.equal(await call('GET', '/api/approvals/../me'), undefined)
  })
})
