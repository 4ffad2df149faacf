import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { ABSOLUTE_LIMIT, IDLE_LIMIT, createSignIns } from '@sallyport/web-replay/login'
import type { SignIns } from '@sallyport/web-replay/login'

const PERSON = {
  issuer: 'https://id',
  subject: 's',
  name: 'S',
  roles: ['reviewer'],
  groups: [],
} as const

describe('sign-ins', () => {
  let clock: number
  let signIns: SignIns

  beforeEach(() => {
    clock = 5_000
    signIns = createSignIns({ now: () => clock, random: randomBytes })
  })

  it('are found by an id of 256 bits and by nothing else', () => {
    const id = signIns.open(PERSON)
    assert.equal(Buffer.from(id, 'base64url').length, 32)
    assert.equal(signIns.find(id)?.subject, 's')
    for (const other of [undefined, '', 'x', id.slice(1), `${id}A`, 'A'.repeat(43)]) {
      assert.equal(signIns.find(other), undefined)
    }
  })

  it('lapse when idle, and only then', () => {
    const id = signIns.open(PERSON)
    clock += IDLE_LIMIT - 1
    assert.ok(signIns.find(id))
    clock += IDLE_LIMIT - 1
    assert.ok(signIns.find(id))
    clock += IDLE_LIMIT
    assert.equal(signIns.find(id), undefined)
  })

  it('lapse after eight hours however busy', () => {
    const id = signIns.open(PERSON)
    const end = clock + ABSOLUTE_LIMIT
    while (clock + IDLE_LIMIT / 2 < end) {
      clock += IDLE_LIMIT / 2
      assert.ok(signIns.find(id))
    }
    clock = end
    assert.equal(signIns.find(id), undefined)
  })

  it('end once', () => {
    const id = signIns.open(PERSON)
    assert.equal(signIns.end(id)?.subject, 's')
    assert.equal(signIns.end(id), undefined)
    assert.equal(signIns.find(id), undefined)
  })

  it('do not show the id of a sign-in when inspected', () => {
    const id = signIns.open(PERSON)
    assert.equal(inspect(signIns, { depth: 9, showHidden: true }).includes(id), false)
  })

  it('refuse a person without a role', () => {
    assert.throws(() => signIns.open({ ...PERSON, roles: [] }), {
      name: 'TypeError',
      message: 'a sign-in needs at least one role',
    })
  })
})
