import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { createExportRequests, type ExportRequests } from '@sallyport/bastion/vault'
import type { Vault } from '@sallyport/keys/vault'
import { vaultIn } from '../../keys/authority/vault-in.ts'

const start = Date.UTC(2026, 0, 1)

describe('exports that two persons agree on', () => {
  let folder: string
  let vault: Vault
  let requests: ExportRequests
  let clock: number
  let recipient: string
  let lines: { event: string; detail: Readonly<Record<string, unknown>> }[]
  let auditFull: boolean

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exports-'))
    clock = start
    lines = []
    auditFull = false
    recipient = await identityToRecipient(await generateIdentity())
    vault = await vaultIn(folder)
    await vault.generate('web')
    const write = (event: string, detail: Readonly<Record<string, unknown>>): void =>
      void lines.push({ event, detail })
    const insist = (event: string, detail: Readonly<Record<string, unknown>>): void => {
      if (auditFull) throw new Error(`${event} could not be audited`)
      write(event, detail)
    }
    requests = createExportRequests({ vault, audit: { write, insist }, now: () => clock })
  })
  afterEach(async () => {
    requests.close()
    await vault.close()
    rmSync(folder, { recursive: true })
  })

  const ask = (changes = {}) =>
    requests.ask({ key: 'web', recipients: [recipient], approvedBy: 'Ada', ...changes }, 'socket 1')
  async function asked(changes = {}): Promise<string> {
    const outcome = await ask(changes)
    assert.equal(outcome.kind, 'asked', JSON.stringify(outcome))
    return outcome.kind === 'asked' ? outcome.request.id : ''
  }
  const refusal = (outcome: { kind: string; message?: string }): string | undefined => {
    assert.equal(outcome.kind, 'refused')
    return outcome.message
  }
  const isDue = (): boolean => vault.list()[0]?.dueSince !== undefined
  const events = (): readonly string[] => lines.map(({ event }) => event)

  it('gives a key out, once, when another person approves, and marks it before', async () => {
    const id = await asked()
    assert.equal(requests.take(id, 'socket 1').kind, 'waiting')
    assert.equal(isDue(), false)
    assert.equal((await requests.approve(id, 'Grace', 'socket 2')).kind, 'decided')
    assert.equal(isDue(), true)
    const taken = requests.take(id, 'socket 1')
    assert.equal(taken.kind, 'taken')
    assert.match(taken.kind === 'taken' ? taken.file : '', /^-----BEGIN AGE ENCRYPTED FILE-----\n/)
    assert.equal(refusal(requests.take(id, 'socket 1')), `no export ${id} waits; it may have ended`)
    assert.deepEqual(events(), ['vault.export-asked', 'vault.exported', 'vault.export-taken'])
    const [, { detail } = assert.fail()] = lines
    assert.deepEqual(detail['approvedBy'], ['Ada', 'Grace'])
    assert.equal(detail['by'], 'socket 2')
    assert.equal(JSON.stringify(lines).includes('AGE ENCRYPTED'), false)
  })

  it('takes nobody for a second person who has the name of the first', async () => {
    const id = await asked()
    for (const name of ['Ada', 'ADA', ' ada ', 'Ａda']) {
      const said = refusal(await requests.approve(id, name, 'socket 2'))
      assert.equal(said, 'Ada asked for it: another person must approve', name)
    }
    assert.match(refusal(await requests.approve(id, '', 'x')) ?? '', /^an approver is named by 1/)
    assert.match(refusal(await requests.approve(id, 'a\nb', 'x')) ?? '', /^an approver is named/)
    assert.equal(isDue(), false)
  })

  it('waits for a quarter of an hour and no longer', async () => {
    const id = await asked()
    clock += 15 * 60_000 - 1
    assert.equal(requests.take(id, 'socket 1').kind, 'waiting')
    clock += 1
    assert.match(refusal(await requests.approve(id, 'Grace', 'x')) ?? '', /it may have ended$/)
    assert.deepEqual(requests.list(), [])
    assert.equal(isDue(), false)
    assert.equal(events().at(-1), 'vault.export-expired')
  })

  it('keeps what was approved for a minute', async () => {
    const id = await asked()
    clock += 15 * 60_000 - 1
    await requests.approve(id, 'Grace', 'x')
    clock += 59_999
    assert.equal(requests.list()[0]?.state, 'ready')
    clock += 1
    assert.match(refusal(requests.take(id, 'socket 1')) ?? '', /it may have ended$/)
    assert.equal(lines.at(-1)?.detail['state'], 'ready')
  })

  it('is approved once, also when two persons come at the same time', async () => {
    const id = await asked()
    const both = [requests.approve(id, 'Grace', 'x'), requests.approve(id, 'Edsger', 'x')]
    const kinds = (await Promise.all(both)).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['decided', 'refused'])
    assert.equal(refusal(requests.refuse(id, 'Edsger', 'x')), `export ${id} was approved already`)
  })

  it('is refused by anybody, also by who asked', async () => {
    const id = await asked()
    assert.equal(requests.refuse(id, 'Ada', 'socket 3').kind, 'decided')
    assert.match(refusal(requests.take(id, 'socket 1')) ?? '', /it may have ended$/)
    assert.deepEqual(lines.at(-1)?.detail['refusedBy'], 'Ada')
  })

  it('is about the version that was active when it was asked for', async () => {
    const id = await asked()
    await vault.generate('web')
    await requests.approve(id, 'Grace', 'x')
    const taken = requests.take(id, 'socket 1')
    assert.equal(taken.kind === 'taken' && taken.entry.version, 1)
  })

  it('can be approved again when the key could not be opened', async () => {
    const id = await asked()
    for (let count = 0; count < 3; count++) await vault.generate('web')
    assert.equal(
      refusal(await requests.approve(id, 'Grace', 'x')),
      'the vault has no version 1 of "web"',
    )
    assert.equal(requests.list()[0]?.state, 'waiting')
  })

  it('gives nothing out that was not audited', async () => {
    const id = await asked()
    auditFull = true
    await assert.rejects(requests.approve(id, 'Grace', 'x'), /vault\.exported could not be audited/)
    assert.equal(requests.take(id, 'socket 1').kind, 'waiting')
    await assert.rejects(ask(), /vault\.export-asked could not be audited/)
    assert.equal(requests.list().length, 1)
  })

  it('is asked for by who knows what they want, and not too often', async () => {
    assert.equal(refusal(await ask({ key: 'absent' })), 'the vault has no key "absent"')
    assert.equal(
      refusal(await ask({ key: 'authority:user' })),
      'the vault has no key "authority:user"',
    )
    assert.equal(refusal(await ask({ version: 7 })), 'the vault has no version 7 of "web"')
    assert.match(refusal(await ask({ recipients: [] })) ?? '', /1 to 16 recipients of age$/)
    const secret = 'AGE-SECRET-KEY-1QQQ'
    assert.equal(
      refusal(await ask({ recipients: [secret] })),
      'recipient 1 is no recipient of age (age1…)',
    )
    for (let count = 0; count < 16; count++) await asked()
    assert.equal(refusal(await ask()), '16 exports wait already')
    clock += 15 * 60_000
    await asked()
  })
})
