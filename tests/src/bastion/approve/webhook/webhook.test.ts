import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createWebhook,
  createWebhookSigner,
  parseWebhookUrl,
} from '@sallyport/bastion/approve/webhook'
import type { Webhook } from '@sallyport/bastion/approve/webhook'
import { Room, START, ask, person } from '../support/room.ts'

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver on loopback that answers with the given statuses in turn, then with 204. */
class Receiver {
  readonly received: Received[] = []
  readonly statuses: number[] = []
  readonly server: Server
  #next: (() => void) | undefined

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        this.received.push({
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        })
        const status = this.statuses.shift() ?? 204
        if (status !== 0) response.writeHead(status, { location: '/elsewhere' }).end('x')
        this.#next?.()
      })
    })
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook?x=1`
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => (this.#next = resolve))
    }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }
}

/** The receiver's side of the specification, written without our signer. */
function isAuthentic({ headers, body }: Received, now: number): boolean {
  const key = Buffer.from(SECRET.split('_')[1] ?? '', 'base64')
  const timestamp = headers['webhook-timestamp']
  if (Math.abs(Number(timestamp) - now / 1000) > 300) return false
  const content = [headers['webhook-id'], timestamp, body].join('.')
  const wanted = createHmac('sha256', key).update(content).digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .some((each) => {
      const given = Buffer.from(each.slice(3), 'base64')
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    })
}

describe('createWebhookSigner', () => {
  // Computed with `openssl dgst -sha256 -mac HMAC` over the same content.
  it('signs as openssl does', () => {
    const signer = createWebhookSigner(SECRET)
    assert.equal(
      signer.sign('msg_27UH4WbU6Z5A5EzD8u03UvzRbpk', 1649367553, '{"email":"test@example.com"}'),
      'v1,+G/Or2EQ/fZ2/xE0z8lIefb92yw92Ac61HvR8ydrk0o=',
    )
  })

  for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=', SECRET.slice(6), `${SECRET}!`]) {
    it(`refuses the secret ${JSON.stringify(secret.slice(0, 12))}`, () => {
      assert.throws(() => createWebhookSigner(secret), TypeError)
    })
  }
})

describe('parseWebhookUrl', () => {
  for (const text of [
    'http://hooks.example/x',
    'http://127.0.0.1.evil.example/',
    'https://me:secret@hooks.example/',
    'file:///etc/passwd',
    'hooks.example',
  ]) {
    it(`refuses ${text}`, () => {
      assert.throws(() => parseWebhookUrl(text), TypeError)
    })
  }

  it('takes https anywhere and http on loopback', () => {
    assert.equal(parseWebhookUrl('https://hooks.example/x').hostname, 'hooks.example')
    assert.equal(parseWebhookUrl('http://[::1]:8/x').port, '8')
  })
})

describe('the webhook', () => {
  let receiver: Receiver
  let url: string
  let room: Room
  let webhook: Webhook
  let failures: unknown[]

  beforeEach(async () => {
    receiver = new Receiver()
    url = await receiver.listen()
    failures = []
    webhook = open({})
    room = new Room({ notifier: webhook })
  })

  afterEach(async () => {
    room.end()
    await webhook.close()
    await receiver.close()
  })

  function open(options: { timeout?: number; pauses?: readonly number[] }): Webhook {
    return createWebhook({
      url,
      secret: SECRET,
      audit: { write: (event, detail) => void failures.push([event, detail['reason']]) },
      now: () => START,
      pauses: [1, 1],
      ...options,
    })
  }

  it('tells a real receiver of each request and its end, signed', async () => {
    const pending = room.pending()
    room.decide(pending.ticket, person('ann', 'sre'))
    await receiver.until(2)
    const [asked, approved] = receiver.received
    assert.ok(asked && approved)
    for (const each of [asked, approved]) {
      assert.equal(isAuthentic(each, START), true)
      assert.equal(isAuthentic({ ...each, body: `${each.body} ` }, START), false)
    }
    assert.notEqual(asked.headers['webhook-id'], approved.headers['webhook-id'])
    assert.equal(asked.headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(asked.body), {
      type: 'approval.asked',
      timestamp: '2026-11-26T12:00:00.000Z',
      data: {
        ticket: pending.ticket,
        rule: 'restart',
        identity: 'ci/deploy',
        target: 'web-1',
        login: 'deploy',
        judged: true,
        argv: [['systemctl', 'restart', 'shop']],
        text: "'systemctl' 'restart' 'shop'",
        link: pending.link,
        expiresAt: '2026-11-26T12:01:00.000Z',
      },
    })
    assert.equal(JSON.parse(approved.body).type, 'approval.approved')
  })

  it('holds the exact text, since words say nothing of redirects and of what nobody resolved', async () => {
    const held = { ...ask().held, judged: false, commands: [], send: Buffer.from('echo $X') }
    room.pending({ held })
    await receiver.until(1)
    assert.equal(JSON.parse(receiver.received[0]?.body ?? '').data.text, 'echo $X')
  })

  it('tries again under the same id, a few times', async () => {
    receiver.statuses.push(500, 302)
    room.pending().cancel('gone')
    await receiver.until(4)
    const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
    assert.equal(new Set(ids.slice(0, 3)).size, 1)
    assert.notEqual(ids[3], ids[0])
    assert.deepEqual(failures, [])
  })

  it('follows no redirect and gives up in the end, audibly', async () => {
    receiver.statuses.push(307, 307, 307)
    const pending = room.pending()
    pending.cancel('gone')
    await receiver.until(4)
    assert.equal(JSON.parse(receiver.received[3]?.body ?? '').type, 'approval.cancelled')
    assert.deepEqual(failures, [['approve.webhook-failed', 'the receiver answered 307']])
  })

  it('waits for no receiver that does not answer', async () => {
    await webhook.close()
    webhook = open({ timeout: 300, pauses: [] })
    const slow = new Room({ notifier: webhook })
    receiver.statuses.push(0)
    const pending = slow.pending()
    await receiver.until(1)
    assert.deepEqual(slow.decide(pending.ticket, person('ann', 'sre')), { kind: 'approved' })
    await receiver.until(2)
    assert.deepEqual(failures, [['approve.webhook-failed', 'the receiver is too slow']])
    slow.end()
  })

  it('keeps a bounded number of notices', async () => {
    receiver.statuses.push(0)
    const many = new Room({ notifier: webhook, most: { perIdentity: 200, total: 200 } })
    for (let count = 0; count < 110; count += 1) many.pending()
    assert.equal(failures.length, 9)
    await webhook.close()
    many.end()
  })
})
