import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { keepIdpSecrets, openDevelopmentIdp } from '@sallyport/bastion/quickstart/idp'
import type { DevelopmentIdp } from '@sallyport/bastion/quickstart/idp'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { freePort } from '../../support/port.ts'
import { Visitor } from '../../web-replay/support/visitor.ts'
import { scratchFolder } from './running.ts'

describe('signing out at the development identity provider', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let idp: DevelopmentIdp
  let app: Server
  let redirectUri: string
  const heard: { readonly path: string; readonly form: URLSearchParams }[] = []

  before(async () => {
    folder = await scratchFolder()
    app = createServer((request, response) => {
      let body = ''
      request.on('data', (bytes: Buffer) => (body += bytes.toString()))
      request.on('end', () => {
        heard.push({ path: request.url ?? '', form: new URLSearchParams(body) })
        response.end()
      })
    }).listen(0, '127.0.0.1')
    await once(app, 'listening')
    redirectUri = `http://127.0.0.1:${(app.address() as AddressInfo).port}/login/callback`
    const file = join(folder.path, 'idp.json')
    const secrets = await keepIdpSecrets(file, undefined, await freePort())
    const fail = (error: unknown): void => assert.fail(String(error))
    const options = { host: '127.0.0.1', secrets, redirectUri, now: Date.now, onError: fail }
    idp = await openDevelopmentIdp(options)
  })

  after(async () => {
    await idp.close()
    app.closeAllConnections()
    app.close()
    await folder.remove()
  })

  it('asks, and tells the review app of it', async () => {
    const person = new Visitor()
    const start = new URL(`${idp.issuer}/auth`)
    start.search = new URLSearchParams({
      client_id: 'sallyport-web',
      response_type: 'code',
      scope: 'openid profile groups',
      redirect_uri: redirectUri,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    }).toString()
    const asked = new URL((await person.get(start)).headers.get('location') ?? '', start)
    const known = await person.post(asked, { login: 'reviewer', password: 'x' })
    const back = await person.get(new URL(known.headers.get('location') ?? '', start))
    assert.ok(back.headers.get('location')?.startsWith(redirectUri))

    const end = `${idp.issuer}/session/end?client_id=sallyport-web`
    assert.match(await (await person.get(end)).text(), /<button [^>]*>Sign out<\/button>/)
    const answer = await person.signOutAtProvider(end)
    const done = await person.get(new URL(answer.headers.get('location') ?? '', start))
    assert.match(await done.text(), /You are signed out\./)
    assert.match(done.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.deepEqual(
      heard.map(({ path }) => path),
      ['/login/backchannel'],
    )
    const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`))
    const token = heard[0]?.form.get('logout_token') ?? ''
    const options = { issuer: idp.issuer, audience: 'sallyport-web', typ: 'logout+jwt' }
    const { payload } = await jwtVerify(token, keys, options)
    assert.equal(payload.sub, 'reviewer')
    assert.equal(typeof payload['sid'], 'string')
  })
})
