import { strict as assert } from 'node:assert'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callControl, createControlRouter, openControl } from '@sallyport/bastion/control'
import type { Control, RevokeTerms, Steering } from '@sallyport/bastion/control'

type Revoked = readonly [what: unknown, terms: RevokeTerms]

describe('control: the socket', () => {
  let root: string
  let open: Control[] = []
  let revoked: Revoked[] = []

  /** Does nothing, and remembers what was revoked. */
  const steering: Steering = {
    live: () => [],
    terminate: () => [],
    revocations: () => [],
    async revoke(what, terms) {
      revoked.push([what, terms])
      const { reason, by } = terms
      const revocation = { id: 'r1', what, reason, by, at: '2026-01-01T00:00:00.000Z' }
      return { kind: 'revoked', revocation, ended: [] }
    },
    lift: async () => undefined,
    reloadPolicy: async () => {
      throw new Error('a fault inside')
    },
  }
  const errors: unknown[] = []
  const openAt = async (data: string): Promise<Control> => {
    const control = await openControl({
      data,
      routers: [createControlRouter(steering)],
      now: Date.now,
      onError: (error) => errors.push(error),
    })
    open.push(control)
    return control
  }
  const post = (path: string, body: unknown, account?: string) =>
    callControl({ data: root, method: 'POST', path, body, account })

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sallyport-control-'))
    revoked = []
    errors.length = 0
  })
  afterEach(async () => {
    for (const control of open.splice(0)) await control.close()
    open = []
    await rm(root, { recursive: true, force: true })
  })

  it('is for its own account alone, whatever the mask and the folder allow', async () => {
    const before = process.umask(0)
    try {
      await openAt(root)
    } finally {
      process.umask(before)
    }
    const { mode } = await stat(join(root, 'control.sock'))
    assert.equal((mode & 0o7777).toString(8), '600')
    const answer = await callControl({ data: root, method: 'GET', path: '/api/live' })
    assert.deepEqual(answer, { status: 200, body: { live: [] } })
  })

  it('takes the place of a socket that nobody serves', async () => {
    await writeFile(join(root, 'control.sock'), '')
    await openAt(root)
    assert.equal((await callControl({ data: root, method: 'GET', path: '/api/live' })).status, 200)
  })

  it('refuses a second bastion, and the first one is still there', async () => {
    await openAt(root)
    await assert.rejects(openAt(root), {
      code: 'ERR_KEYS_FILE_LOCKED',
      message: /is in use by process/,
    })
    assert.equal((await callControl({ data: root, method: 'GET', path: '/api/live' })).status, 200)
  })

  it('works in a folder whose path is longer than that of a socket may be', async () => {
    root = join(root, 'deep'.repeat(30))
    await mkdir(root)
    await openAt(root)
    assert.equal((await callControl({ data: root, method: 'GET', path: '/api/live' })).status, 200)
  })

  it('says so when no bastion runs there', async () => {
    const message = `no bastion runs with the data folder ${root}`
    const call = { data: root, method: 'GET', path: '/api/live' } as const
    await assert.rejects(callControl(call), { code: 'ERR_BASTION_CONTROL', message })
    const control = await openAt(root)
    await control.close()
    open = []
    await assert.rejects(callControl(call), { code: 'ERR_BASTION_CONTROL', message })
  })

  it('takes one thing to revoke, and nothing that it does not know', async () => {
    await openAt(root)
    const reason = 'leaked'
    const bodies: readonly unknown[] = [
      { reason },
      { identity: 'a' },
      { identity: 'a', serial: '1', reason },
      { identity: 'a', subject: 'b', reason },
      { subject: 'b', reason },
      { issuer: 'b', reason },
      { serial: '-1', reason },
      { serial: '18446744073709551616', reason },
      { serial: 7, reason },
      { key: 'SHA256:short', reason },
      { identity: 'a', reason: '' },
      { identity: 'a', reason: 'two\nlines' },
      { identity: 'a', reason: 'x'.repeat(501) },
      { identity: 'a', reason, expiresAt: 'soon' },
      { identity: 'a', reason, because: 'x' },
      [],
    ]
    for (const body of bodies) {
      const answer = await post('/api/revocations', body)
      assert.equal(answer.status, 400, JSON.stringify(body))
    }
    assert.deepEqual(revoked, [])
    const last = { serial: '18446744073709551615', reason }
    assert.equal((await post('/api/revocations', last)).status, 201)
    assert.deepEqual(revoked[0]?.[0], { kind: 'serial', serial: '18446744073709551615' })
  })

  it('writes down a name that comes along as what it is, and no other text', async () => {
    await openAt(root)
    const body = { identity: 'a', reason: 'leaked' }
    for (const account of ['alice', 'root; (verified)', undefined]) {
      await post('/api/revocations', body, account)
    }
    const alone = 'control socket'
    const named = 'control socket, says it is alice (not verified)'
    assert.deepEqual(
      revoked.map(([, { by }]) => by),
      [named, alone, alone],
    )
  })

  it('refuses a body that is too large, and paths that it does not have', async () => {
    await openAt(root)
    const large = await post('/api/revocations', { identity: 'a', reason: 'x'.repeat(20_000) })
    assert.equal(large.status, 413)
    assert.equal((await post('/api/other', {})).status, 404)
    assert.equal((await post('/api/live/nothing/terminate', { reason: 'x' })).status, 404)
    assert.equal((await post('/api/revocations/nothing/lift', {})).status, 404)
    assert.deepEqual(errors, [])
  })

  it('answers and writes down a fault of its own', async () => {
    await openAt(root)
    const answer = await post('/api/policy/reload', {})
    assert.deepEqual(answer, { status: 500, body: { error: 'a fault inside' } })
    assert.equal(errors.length, 1)
  })
})
