import { once } from 'node:events'
import { createServer } from 'node:http'
import { isIPv4 } from 'node:net'
import { BastionError } from '../../errors.ts'
import { createProvider } from './provider.ts'
import type { IdpSecrets } from './secrets.ts'
import { isSignIn, serveSignIn, signInPath } from './sign-in-page.ts'

export interface DevelopmentIdpOptions {
  /** A loopback address; any other is refused. */
  readonly host: string
  /** Its port and keys. */
  readonly secrets: IdpSecrets
  readonly redirectUri: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

export interface DevelopmentIdp {
  readonly issuer: string
  readonly tokenEndpoint: string
  close(): Promise<void>
}

/**
 * Starts an identity provider that lets everybody in who says one of three names. Throws ERR_BASTION_QUICKSTART for a
 * host that is not loopback: nothing on the network may ever trust it.
 */
export async function openDevelopmentIdp(options: DevelopmentIdpOptions): Promise<DevelopmentIdp> {
  const { host, secrets, redirectUri, now, onError } = options
  if (!isIPv4(host) || !host.startsWith('127.')) {
    throw new BastionError(
      'ERR_BASTION_QUICKSTART',
      `the development identity provider lets anybody in, so it listens on loopback only, not on ${host}`,
    )
  }
  const issuer = `http://${host}:${secrets.port}`
  const provider = await createProvider({ issuer, secrets, redirectUri, signInPath, now })
  provider.on('server_error', (_context, error) => onError(error))
  const answer = provider.callback()
  const server = createServer((request, response) => {
    if (!isSignIn(request)) return answer(request, response)
    serveSignIn(provider, request, response).catch((error: unknown) => {
      onError(error)
      response.destroy()
    })
  })
  server.listen(secrets.port, host)
  await once(server, 'listening')
  return {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
