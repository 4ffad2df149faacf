import assert from 'node:assert/strict'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const LIMITS = { perAddress: 6, all: 600 }
const elsewhere = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })

describe('how often one may begin to sign in', () => {
  let server: ReviewServer

  afterEach(async () => {
    await server.close()
  })

  function refusals(): readonly Readonly<Record<string, unknown>>[] {
    return server.audit.lines
      .filter(({ event }) => event === 'review.sign-in-limited')
      .map(({ detail }) => detail)
  }

  async function statuses(
    path: string,
    headers: Readonly<Record<string, string>>,
    times: number,
  ): Promise<readonly number[]> {
    const all: number[] = []
    for (let count = 0; count < times; count += 1) {
      all.push((await new Visitor().get(server.url + path, headers)).status)
    }
    return all
  }

  it('is limited, and answered with when to come again', async () => {
    server = await startReviewServer({ app: { signInLimits: LIMITS } })
    assert.deepEqual(await statuses('/login', {}, 6), Array(6).fill(302))
    const response = await new Visitor().get(`${server.url}/login`)
    assert.equal(response.status, 429)
    const seconds = Number(response.headers.get('retry-after'))
    assert.ok(seconds >= 1 && seconds <= 60)
    assert.match(await response.text(), /Too many sign-ins were begun and not finished/)
    assert.equal((await new Visitor().get(`${server.url}/login/callback`)).status, 429)
    server.advance(60_000)
    assert.equal((await new Visitor().get(`${server.url}/login`)).status, 302)
  })

  it('is written down once in a burst', async () => {
    server = await startReviewServer({ app: { signInLimits: LIMITS } })
    await statuses('/login', {}, 20)
    await statuses('/login/callback?state=x', {}, 20)
    assert.equal(refusals().length, 1)
    assert.equal(refusals()[0]?.['clientAddress'], '127.0.0.1')
    assert.equal(refusals()[0]?.['limit'], 'perAddress')
    assert.equal(server.audit.lines.length, 1)
  })

  it('also bounds what wrong answers cost: audit lines and questions to the provider', async () => {
    let asked = 0
    const oidc = {
      async fetch(url: string, init: object): Promise<Response> {
        if (url.endsWith('/token')) asked += 1
        return fetch(url, init)
      },
    }
    server = await startReviewServer({ oidc, app: { signInLimits: LIMITS } })
    const visitor = new Visitor()
    const login = await visitor.get(`${server.url}/login`)
    const state = new URL(login.headers.get('location') ?? '').searchParams.get('state') ?? ''
    const cookie = [...visitor.cookies(server.url)].map((pair) => pair.join('=')).join('; ')
    const query = new URLSearchParams({ code: 'guessed', state, iss: server.issuerUrl })
    for (let count = 0; count < 30; count += 1) {
      await new Visitor().get(`${server.url}/login/callback?${query}`, { cookie })
    }
    assert.equal(asked, 5)
    assert.equal(server.audit.lines.length, 6)
  })

  it('does not count sign-ins that came to their end', async () => {
    server = await startReviewServer({ app: { signInLimits: LIMITS } })
    for (let count = 0; count < 10; count += 1) {
      assert.equal((await new Visitor().signIn(server.url, 'reviewer')).status, 303)
    }
  })

  it('keeps nobody out because of somebody at another address', async () => {
    const app = { signInLimits: { perAddress: 6, all: 12 }, forwardedBy: ['127.0.0.1'] }
    server = await startReviewServer({ app })
    for (const address of ['192.0.2.1', '192.0.2.2', '198.51.100.9', '2001:db8::1']) {
      await statuses('/login', elsewhere(address), 20)
    }
    assert.equal((await new Visitor().signIn(server.url, 'reviewer')).status, 303)
  })

  it('takes a whole IPv6 network of 64 bits for one', async () => {
    const app = { signInLimits: LIMITS, forwardedBy: ['127.0.0.1'] }
    server = await startReviewServer({ app })
    for (let host = 1; host <= 6; host += 1) {
      await statuses('/login', elsewhere(`2001:db8:0:1::${host}`), 1)
    }
    assert.deepEqual(await statuses('/login', elsewhere('2001:db8:0:1:ffff::7'), 1), [429])
    assert.deepEqual(await statuses('/login', elsewhere('2001:db8:0:2::1'), 1), [302])
    assert.equal(refusals()[0]?.['network'], '2001:db8:0:1::/64')
  })

  it('believes X-Forwarded-For of nobody who is not configured', async () => {
    server = await startReviewServer({ app: { signInLimits: LIMITS } })
    for (let host = 1; host <= 6; host += 1) {
      await statuses('/login', elsewhere(`192.0.2.${host}`), 1)
    }
    assert.deepEqual(await statuses('/login', elsewhere('192.0.2.99'), 1), [429])
    assert.equal(refusals()[0]?.['clientAddress'], '127.0.0.1')
  })

  it('believes only the last address that is not of a configured one, and no nonsense', async () => {
    const app = { signInLimits: LIMITS, forwardedBy: ['127.0.0.0/8', '10.0.0.0/8'] }
    server = await startReviewServer({ app })
    for (let host = 1; host <= 6; host += 1) {
      await statuses('/login', elsewhere(`192.0.2.${host}, 203.0.113.5, 10.0.0.${host}`), 1)
    }
    assert.deepEqual(await statuses('/login', elsewhere('192.0.2.77, 203.0.113.5'), 1), [429])
    assert.equal(refusals()[0]?.['clientAddress'], '203.0.113.5')
    await statuses('/login', elsewhere('nonsense<script>'), 7)
    assert.equal(refusals()[1]?.['clientAddress'], '127.0.0.1')
  })
})
