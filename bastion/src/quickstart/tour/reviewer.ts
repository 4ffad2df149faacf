import { z } from 'zod'
import type { PersonName } from '../idp/accounts.ts'

interface Row {
  readonly id: string
  readonly identity: string
  readonly startedAt: number
}

interface Detail {
  readonly channels: readonly { readonly channel: number; readonly kind: string }[]
  readonly commands: readonly {
    readonly text: string
    readonly effect: string
    readonly rule: string
  }[]
}

const pageSchema: z.ZodType<{ readonly rows: readonly Row[] }> = z.object({
  rows: z.array(z.object({ id: z.string(), identity: z.string(), startedAt: z.number() })),
})

const detailSchema: z.ZodType<Detail> = z.object({
  channels: z.array(z.object({ channel: z.number(), kind: z.string() })),
  commands: z.array(z.object({ text: z.string(), effect: z.string(), rule: z.string() })),
})

export interface RecordedSession extends Row, Detail {}

/** Somebody who is signed in to the review app. */
export interface Reviewer {
  /** Returns the sessions that began at `since` or later, oldest first. */
  sessions(since: number): Promise<readonly RecordedSession[]>
  /** Returns what the player would play. */
  cast(id: string, channel: number): Promise<string>
}

/** Signs in as a browser would: to the review app, on to the identity provider, and back. Throws when that fails. */
export async function signIn(httpUrl: string, name: PersonName): Promise<Reviewer> {
  const browser = createBrowser()
  const page = await browser(new URL('/login', httpUrl))
  const arrived = await browser(page.url, new URLSearchParams({ login: name, password: 'any' }))
  if (arrived.url.origin !== new URL(httpUrl).origin || arrived.status !== 200) {
    throw new Error(`the sign-in ended at ${arrived.url.href} with status ${arrived.status}`)
  }
  const get = async (path: string): Promise<string> => {
    const { status, text } = await browser(new URL(path, httpUrl))
    if (status !== 200) throw new Error(`${path} answered with status ${status}`)
    return text
  }
  return {
    async sessions(since) {
      const { rows } = pageSchema.parse(JSON.parse(await get('/api/sessions')))
      const recent = rows.filter((row) => row.startedAt >= since).toReversed()
      return Promise.all(
        recent.map(async (row) => ({
          ...row,
          ...detailSchema.parse(JSON.parse(await get(`/api/sessions/${row.id}`))),
        })),
      )
    },
    cast: (id, channel) => get(`/api/sessions/${id}/channels/${channel}/cast`),
  }
}

interface Arrived {
  readonly url: URL
  readonly status: number
  readonly text: string
}

type Browser = (url: URL, form?: URLSearchParams) => Promise<Arrived>

/** More than any sign-in takes. */
const MAX_REDIRECTS = 10

/** Returns what fetches pages, follows redirects and keeps cookies, each by the origin that set it. */
function createBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>()

  async function request(url: URL, form?: URLSearchParams): Promise<Response> {
    const jar = jars.get(url.origin) ?? new Map<string, string>()
    jars.set(url.origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  return async (start, form) => {
    let url = start
    let response = await request(url, form)
    for (let hops = 0; hops < MAX_REDIRECTS; hops += 1) {
      const location = response.headers.get('location')
      if (location === null) break
      await response.body?.cancel()
      url = new URL(location, url)
      response = await request(url)
    }
    return { url, status: response.status, text: await response.text() }
  }
}
