import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answerAuthorityCall, createAuthoritySteering } from '@sallyport/bastion/authorities'
import { openAuthorities, type Authorities } from '@sallyport/keys/authority'
import type { Vault } from '@sallyport/keys/vault'
import { vaultIn } from '../../keys/authority/vault-in.ts'

const start = Date.UTC(2026, 0, 1)

describe('changes of the authorities', () => {
  let folder: string
  let vault: Vault
  let authorities: Authorities
  let clock: number
  let required: readonly string[]
  let lines: { event: string; detail: Readonly<Record<string, unknown>> }[]

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'authorities-'))
    clock = start
    required = []
    lines = []
    vault = await vaultIn(folder)
    authorities = await openAuthorities({ folder, keys: vault.authorityKeys, now: () => clock })
  })
  afterEach(async () => {
    await authorities.close()
    await vault.close()
    rmSync(folder, { recursive: true })
  })

  async function call(path: string, body: unknown = {}, method = 'POST') {
    const steering = createAuthoritySteering({
      authorities,
      required: () => required,
      audit: { write: (event, detail) => void lines.push({ event, detail }) },
    })
    const answer = await answerAuthorityCall(steering, 'me', { method, path, body })
    return {
      status: answer?.status,
      error: (answer?.body as { error?: string } | undefined)?.error,
    }
  }
  const change = (kind: string, verb: string, force?: string) =>
    call(`/api/authorities/${kind}/${verb}`, { force })

  it('promotes the upstream authority when all that is required was verified with it', async () => {
    required = ['a@web', 'b@web']
    await change('upstream', 'next')
    await authorities.upstream.noteVerified(2, 'a@web')
    assert.deepEqual(await change('upstream', 'promote'), {
      status: 409,
      error: 'not verified yet with version 2: b@web',
    })
    await authorities.upstream.noteVerified(2, 'b@web')
    assert.equal((await change('upstream', 'promote')).status, 200)
    const [, refused, promoted] = lines
    assert.equal(refused?.event, 'authority.refused')
    assert.deepEqual(refused.detail['refusal'], 'not verified yet with version 2: b@web')
    assert.equal(promoted?.event, 'authority.promoted')
    assert.equal(promoted.detail['despite'], undefined)
    assert.match(String(promoted.detail['keys']), /^1 retiring SHA256:\S+,2 active SHA256:\S+$/)
  })

  it('does what is forced, and writes down why and in spite of what', async () => {
    required = ['a@web']
    await change('upstream', 'next')
    assert.equal((await change('upstream', 'promote', 'the key is stolen')).status, 200)
    const detail = lines.at(-1)?.detail
    assert.equal(detail?.['by'], 'me')
    assert.equal(detail['reason'], 'the key is stolen')
    assert.equal(detail['despite'], 'not verified yet with version 2: a@web')
    assert.equal((await change('upstream', 'retire', 'the key is stolen')).status, 200)
  })

  it('forces nothing that cannot be', async () => {
    assert.deepEqual(await change('user', 'promote', 'now'), {
      status: 409,
      error: 'no key is next; make one first',
    })
    assert.equal((await change('user', 'retire', 'now')).status, 409)
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['authority.refused', 'authority.refused'],
    )
  })

  it('requires nothing of targets for the authority of agents, and an hour until it is retired', async () => {
    required = ['a@web']
    await change('user', 'next')
    assert.equal((await change('user', 'promote')).status, 200)
    clock += 3599_000
    assert.deepEqual(await change('user', 'retire'), {
      status: 409,
      error: 'certificates of version 1 may be good until 2026-01-01T01:00:00.000Z',
    })
    clock += 1000
    assert.equal((await change('user', 'retire')).status, 200)
  })

  it('changes the host authority by force alone: what clients know cannot be seen from here', async () => {
    await change('host', 'next')
    const { status, error } = await change('host', 'promote')
    assert.equal(status, 409)
    assert.match(error ?? '', /^clients that have not fetched \/ssh\/known_hosts since 2026-01-01T/)
    assert.equal((await change('host', 'promote', 'known_hosts is out')).status, 200)
    assert.equal((await change('host', 'retire')).status, 200)
  })

  it('goes back, and can be promoted again', async () => {
    await change('upstream', 'next')
    await change('upstream', 'promote')
    assert.equal((await change('upstream', 'roll-back')).status, 200)
    assert.deepEqual(
      authorities.upstream.keys().map(({ state }) => state),
      ['active', 'next'],
    )
    assert.equal((await change('upstream', 'promote')).status, 200)
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['authority.next-made', 'authority.promoted', 'authority.rolled-back', 'authority.promoted'],
    )
  })

  it('answers only what it is asked', async () => {
    assert.equal((await call('/api/authorities', undefined, 'GET')).status, 200)
    assert.equal((await call('/api/authorities')).status, undefined)
    assert.equal((await change('other', 'next')).status, undefined)
    assert.equal((await change('user', 'constructor')).status, undefined)
    assert.equal((await call('/api/authorities/user/next', undefined, 'GET')).status, undefined)
    for (const body of [{ force: '' }, { force: 'a\nb' }, { forced: 'x' }, 'text']) {
      assert.equal((await call('/api/authorities/user/next', body)).status, 400)
    }
    assert.deepEqual(lines, [])
  })
})
