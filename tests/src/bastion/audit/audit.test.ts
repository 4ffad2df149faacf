import { strict as assert } from 'node:assert'
import { mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAudit } from '@sallyport/bastion/audit'

const now = (): Date => new Date('2026-01-02T03:04:05.678Z')

describe('openAudit', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-audit-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('writes one line of JSON for each event, into a file of its owner alone', async () => {
    const file = join(folder, 'deep', 'audit.ndjson')
    const audit = openAudit({ file, now, quiet: true })
    audit.write('issue.issued', { serial: 2n ** 63n, error: new Error('why'), text: 'a\nb' })
    audit.write('relay.violation', { reason: 'x' })
    audit.close()
    const lines = (await readFile(file, 'utf8')).split('\n')
    assert.deepEqual(
      lines.slice(0, -1).map((line): unknown => JSON.parse(line)),
      [
        {
          time: '2026-01-02T03:04:05.678Z',
          event: 'issue.issued',
          serial: '9223372036854775808',
          error: 'why',
          text: 'a\nb',
        },
        { time: '2026-01-02T03:04:05.678Z', event: 'relay.violation', reason: 'x' },
      ],
    )
    assert.equal((await stat(file)).mode & 0o777, 0o600)
  })

  it('goes on behind what an earlier run wrote', async () => {
    const file = join(folder, 'audit.ndjson')
    for (const event of ['first.run', 'second.run']) {
      const audit = openAudit({ file, now, quiet: true })
      audit.write(event, {})
      audit.close()
    }
    assert.deepEqual((await readFile(file, 'utf8')).match(/first|second/g), ['first', 'second'])
  })

  it('tells the log when the disk is full, and throws nothing', async () => {
    const file = join(folder, 'full')
    await symlink('/dev/full', file)
    const said: string[] = []
    const audit = openAudit({ file, now, log: { write: (line) => said.push(line) } })
    audit.write('accept.refused', { reason: 'x' })
    const [line = '{}'] = said
    const { event, reason, auditFailed, level } = JSON.parse(line) as Record<string, unknown>
    assert.deepEqual([event, reason, level], ['accept.refused', 'x', 50])
    assert.match(String(auditFailed), /ENOSPC/)
  })

  it('throws for an event without which nothing must happen, when the disk is full', async () => {
    const full = join(folder, 'full-too')
    await symlink('/dev/full', full)
    const message = 'vault.exported could not be audited'
    assert.throws(() => openAudit({ file: full, now, quiet: true }).insist('vault.exported', {}), {
      code: 'ERR_BASTION_CONTROL',
      message,
    })
    const file = join(folder, 'insisted.ndjson')
    const audit = openAudit({ file, now, quiet: true })
    audit.insist('vault.exported', { key: 'web' })
    audit.close()
    assert.match(await readFile(file, 'utf8'), /"event":"vault.exported","key":"web"}\n$/)
  })
})
