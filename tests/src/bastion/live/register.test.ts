import { strict as assert } from 'node:assert'
import { createLiveRegister, type LiveConnection, type LiveRegister } from '@sallyport/bastion/live'

function connection(fields: Partial<LiveConnection>): LiveConnection {
  return {
    connectionId: 'c1',
    hop: '-J',
    identity: 'ci/a',
    issuer: 'ci',
    subject: 'a',
    login: 'deploy',
    clientAddress: '10.0.0.1',
    serial: '1',
    keyId: 'k',
    key: 'SHA256:x',
    startedAt: '2026-01-01T00:00:00.000Z',
    validBefore: '2026-01-01T00:05:00.000Z',
    ...fields,
  }
}

describe('live: the register', () => {
  let register: LiveRegister
  let heard: string[]
  let audited: string[]
  let objections: Map<string, string>

  beforeEach(() => {
    heard = []
    audited = []
    objections = new Map()
    register = createLiveRegister({
      onEnded: ({ hop, connectionId }, reason) => audited.push(`${connectionId} ${hop} ${reason}`),
    })
  })

  const enter = (name: string, fields: Partial<LiveConnection>): (() => void) =>
    register.enter(connection(fields), {
      objection: () => objections.get(name),
      end: (reason) => heard.push(`${name}: ${reason}`),
      rejudge: () => {
        heard.push(`${name} judged`)
        return 1
      },
      endGranted: (grant) => {
        heard.push(`${name} without ${grant}`)
        return 1
      },
    })

  it('ends an outer hop after all that it carries', () => {
    const outer = enter('outer', { hop: 'outer' })
    const first = enter('first', { recordingId: 'r1' })
    const second = enter('second', { recordingId: 'r2' })
    assert.equal(register.terminate('c1', 'enough').length, 3)
    assert.deepEqual(heard, ['first: enough', 'second: enough'])
    first()
    assert.equal(heard.length, 2)
    second()
    assert.equal(heard.at(-1), 'outer: enough')
    outer()
    assert.deepEqual(register.each(), [])
    assert.equal(audited.length, 3)
  })

  it('ends one recording and leaves its siblings and the outer hop', () => {
    enter('outer', { hop: 'outer' })
    enter('first', { recordingId: 'r1' })
    enter('second', { recordingId: 'r2' })
    assert.deepEqual(
      register.terminate('r2', 'enough').map(({ recordingId }) => recordingId),
      ['r2'],
    )
    assert.deepEqual(heard, ['second: enough'])
  })

  it('ends each connection once', () => {
    enter('one', { hop: 'direct', recordingId: 'r1' })
    assert.equal(register.terminate('c1', 'enough').length, 1)
    assert.equal(register.terminate('c1', 'again').length, 0)
    objections.set('one', 'revoked')
    assert.equal(register.review().length, 0)
    assert.equal(register.rejudge(), 0)
    assert.deepEqual(heard, ['one: enough'])
  })

  it('ends at once what enters too late', () => {
    objections.set('revoked', 'it is revoked')
    enter('revoked', { connectionId: 'c2', hop: 'direct' })
    assert.deepEqual(heard, ['revoked: it is revoked'])

    enter('outer', { hop: 'outer' })
    enter('first', { recordingId: 'r1' })
    register.terminate('c1', 'enough')
    enter('late', { recordingId: 'r2' })
    assert.deepEqual(heard.slice(1), ['first: enough', 'late: enough'])
  })

  it('ends those that there is an objection to, and judges the others anew', () => {
    enter('good', { connectionId: 'c2', hop: 'direct' })
    enter('bad', { connectionId: 'c3', hop: 'direct' })
    objections.set('bad', 'the policy changed')
    assert.deepEqual(
      register.review().map(({ connectionId }) => connectionId),
      ['c3'],
    )
    assert.equal(register.rejudge(), 1)
    assert.deepEqual(heard, ['bad: the policy changed', 'good judged'])
  })
})
