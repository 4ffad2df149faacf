/** A browser without a screen: keeps cookies per origin, follows a redirect only when told. */
export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>()

  /** The origins that have been visited. */
  get origins(): readonly string[] {
    return [...this.#cookies.keys()]
  }

  cookies(origin: string): Map<string, string> {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, jar)
    return jar
  }

  async get(url: string | URL, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#send(new URL(url), { headers })
  }

  async post(
    url: string | URL,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return this.#send(new URL(url), { method: 'POST', body: new URLSearchParams(form), headers })
  }

  async postJson(
    url: string | URL,
    body: unknown,
    headers: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin' },
  ): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const json = { 'content-type': 'application/json', ...headers }
    return this.#send(new URL(url), { method: 'POST', body: text, headers: json })
  }

  /** Signs in from /login on; returns the URL at which the provider hands back to the app. */
  async authenticate(appUrl: string, account: string, path = '/login'): Promise<URL> {
    const response = await this.get(new URL(path, appUrl))
    return this.provide(appUrl, account, new URL(response.headers.get('location') ?? ''))
  }

  /** Goes through the provider's own pages from `start` until it points back to the app. */
  async provide(appUrl: string, account: string, start: URL): Promise<URL> {
    let url = start
    let response = await this.get(url)
    for (let step = 0; step < 12; step += 1) {
      const location = response.headers.get('location')
      if (location !== null) {
        url = new URL(location, url)
        if (url.origin === new URL(appUrl).origin) return url
        response = await this.get(url)
        continue
      }
      const page = await response.text()
      const action = /action="([^"]+)"/.exec(page)?.[1]
      if (action === undefined) throw new Error(`no form on the provider's page: ${page}`)
      const hidden = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)]
      const form = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]))
      const login = form['prompt'] === 'login' ? { login: account, password: 'x' } : {}
      url = new URL(action, url)
      response = await this.post(url, { ...form, ...login })
    }
    throw new Error('the provider did not hand back')
  }

  /** Signs in all the way; returns the app's answer to the callback. */
  async signIn(appUrl: string, account: string, path?: string): Promise<Response> {
    return this.get(await this.authenticate(appUrl, account, path))
  }

  /** Ends the session at the provider, and so whatever the provider then ends elsewhere. */
  async signOutAtProvider(end: string | URL): Promise<Response> {
    const page = await (await this.get(end)).text()
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? ''
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
    return this.post(new URL(action, end), { xsrf, logout: 'yes' })
  }

  async #send(url: URL, init: VisitorRequest): Promise<Response> {
    const jar = this.cookies(url.origin)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie === '' ? {} : { cookie }), ...init.headers }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) keep(jar, line)
    return response
  }
}

interface VisitorRequest {
  readonly method?: string
  readonly body?: URLSearchParams | string
  readonly headers: Readonly<Record<string, string>>
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const equals = pair.indexOf('=')
  const name = pair.slice(0, equals).trim()
  const expires = attributes.find((each) => /^\s*expires=/i.test(each))?.split('=')[1]
  const isGone = expires !== undefined && Date.parse(expires) <= 1000
  if (isGone) jar.delete(name)
  else jar.set(name, pair.slice(equals + 1))
}
