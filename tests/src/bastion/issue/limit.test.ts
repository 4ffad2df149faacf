import { strict as assert } from 'node:assert'
import { linesOf } from '../../support/audit.ts'
import { openBed, type Bed } from '../../support/bed.ts'

describe('issue: how often one address is refused', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed({ config: 'limits: { exchangeRefusalsPerAddress: 4 }' })
  })
  after(async () => {
    await bed?.close()
  })

  it('does not concern what is granted', async () => {
    for (let count = 0; count < 8; count += 1) await bed.certify()
    assert.deepEqual(linesOf(await bed.audit(), 'issue.limited'), [])
  })

  it('has an end, which is written down once and says when to come again', async () => {
    const answers: Response[] = []
    for (let count = 0; count < 10; count += 1) {
      // Nobody in front is configured, so what this says of other addresses is not believed.
      const headers = { 'x-forwarded-for': `192.0.2.${count}` }
      const body = new URLSearchParams({ grant_type: 'guess' })
      answers.push(await fetch(`${bed.httpUrl}/oauth2/token`, { method: 'POST', body, headers }))
    }
    const statuses = answers.map(({ status }) => status)
    assert.deepEqual(statuses, [...Array<number>(4).fill(400), ...Array<number>(6).fill(429)])
    const last = answers.at(-1)
    const seconds = Number(last?.headers.get('retry-after'))
    assert.ok(seconds >= 1 && seconds <= 60)
    assert.equal(last?.headers.get('cache-control'), 'no-store')
    assert.equal((await last.json()).error, 'temporarily_unavailable')
    const lines = await bed.audit()
    assert.equal(linesOf(lines, 'issue.refused').length, 4)
    const limited = linesOf(lines, 'issue.limited')
    assert.equal(limited.length, 1)
    assert.equal(limited[0]?.['clientAddress'], '127.0.0.1')
    assert.equal(limited[0]?.['limit'], 'perAddress')
  })
})
