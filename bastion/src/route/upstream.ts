import type { Certificate } from '@sallyport/keys/certificate'
import type { Signer } from '@sallyport/keys/vault'
import { createReader } from '@sallyport/keys/wire'
import type { Socket } from 'node:net'
import { algorithmOffer, DEFAULT_ALGORITHMS, type AlgorithmChoice } from '../ssh/algorithms.ts'
import { connectLink } from '../ssh/link.ts'
import { message, MSG, sshString } from '../ssh/messages.ts'
import { handshake, Transport } from '../ssh/transport.ts'
import { printable } from '../words.ts'
import type { Route } from './target.ts'
import { UpstreamError, type UpstreamFailure } from './upstream-error.ts'

/** What must be known of a target's host key before anything is sent to it. */
export interface HostKeyTrust {
  /** Why nobody is sent there at all, whatever it would show now. */
  readonly barred?: string | undefined
  /** Algorithms to ask for, so that a key of a type that is not pinned makes no false alarm. */
  readonly algorithms: readonly string[]
  check(
    hostKey: Buffer,
  ): { readonly kind: 'pinned' } | { readonly kind: 'refused'; readonly reason: string }
  /** Called when the target has proven to hold what was last checked. */
  proven?(): void
  /** Resolves when what follows from a refusal is written down; then somebody is told of it. */
  settled?(): Promise<void>
}

export interface UpstreamOptions {
  readonly route: Route
  /** Signs for the login and no longer; whoever opened it may close it then. */
  readonly signer: Signer
  /** Of the signer's key, for a target that trusts our authority instead of a key. */
  readonly certificate?: Certificate
  readonly trust: HostKeyTrust
  /** The cipher of the agent's side, preferred here too. */
  readonly cipher?: string | undefined
  /** Milliseconds until the login must be done. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/**
 * Connects and logs in to a target with a key, or a key and its certificate. Resolves with a transport that is authenticated and has no
 * listener yet. Throws ERR_BASTION_UPSTREAM with a sentence that may be shown to the agent: it names the target, never
 * its address.
 */
export async function connectUpstream(options: UpstreamOptions): Promise<Transport> {
  const { route, trust } = options
  const { name, address, port } = route.target
  const distrusted = (reason: string, cause?: unknown): UpstreamError =>
    upstreamError(`target ${name} is not who it should be: ${reason}`, 'untrusted', cause)
  if (trust.barred !== undefined) throw distrusted(trust.barred)
  if (trust.algorithms.length === 0)
    throw upstreamError(`target ${name} has no pinned host key`, 'untrusted')
  const { link, socket } = connectLink(address, port)
  const abort = (): void => void socket.destroy()
  const timer = setTimeout(abort, options.timeout)
  options.signal.addEventListener('abort', abort)
  let transport: Transport | undefined
  let distrust = ''
  try {
    await connected(socket, name)
    transport = new Transport({
      link,
      role: {
        kind: 'client',
        verifyHostKey: (hostKey) => {
          const verdict = trust.check(hostKey)
          if (verdict.kind === 'refused') distrust = verdict.reason
          return verdict.kind === 'pinned'
        },
      },
      offer: algorithmOffer(preferring(options.cipher), trust.algorithms),
    })
    await handshake(transport)
    trust.proven?.()
    await login(transport, options)
    return transport
  } catch (error) {
    transport?.close('login failed')
    socket.destroy()
    if (distrust !== '') {
      await trust.settled?.()
      throw distrusted(distrust, error)
    }
    if (error instanceof UpstreamError) throw error
    const reason = printable(reasonOf(error))
    throw upstreamError(`target ${name} could not be reached: ${reason}`, 'unreachable', error)
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', abort)
  }
}

/** Waits for a connection. Throws ERR_BASTION_UPSTREAM when there is none to be had. */
export function connected(socket: Socket, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const text = `target ${name} could not be reached: ${error.code ?? 'error'}`
      reject(upstreamError(text, 'unreachable', error))
    })
    socket.once('close', () => reject(upstreamError(`target ${name} did not answer in time`)))
  })
}

/**
 * RFC 4252 section 7, without the query: the key is ours, so there is nothing to find out first. The private key stays
 * in the signer.
 */
function login(transport: Transport, options: UpstreamOptions): Promise<void> {
  const { route } = options
  const { name } = route.target
  return new Promise((resolve, reject) => {
    let asked = false
    transport.onClose((reason) => {
      reject(upstreamError(`target ${name} ended the login: ${printable(reason)}`))
    })
    transport.send(message(MSG.SERVICE_REQUEST, sshString('ssh-userauth')))
    transport.listen((payload) => {
      switch (payload[0]) {
        case MSG.SERVICE_ACCEPT:
          if (asked) return reject(upstreamError(`target ${name} accepted a service twice`))
          asked = true
          return transport.send(userauthRequest(transport, options))
        case MSG.USERAUTH_BANNER:
          return
        case MSG.USERAUTH_SUCCESS:
          transport.unlisten()
          transport.loggedIn()
          return resolve()
        case MSG.USERAUTH_FAILURE:
          return reject(
            upstreamError(`target ${name} refused ${refusal(route, payload)}`, 'refused'),
          )
        default:
          return reject(upstreamError(`target ${name} sent message ${payload[0]} during the login`))
      }
    })
  })
}

/** PROTOCOL.certkeys: a certificate goes in the place of the key, and its type in that of the algorithm. */
function userauthRequest(transport: Transport, options: UpstreamOptions): Buffer {
  const { route, signer, certificate } = options
  const { publicKey } = signer
  const algorithm = publicKey.type === 'ssh-rsa' ? 'rsa-sha2-512' : publicKey.type
  const request = message(
    MSG.USERAUTH_REQUEST,
    sshString(route.login.login),
    sshString('ssh-connection'),
    sshString('publickey'),
    Buffer.of(1),
    sshString(certificate?.certType ?? algorithm),
    sshString(certificate?.blob ?? publicKey.blob),
  )
  const signedData = Buffer.concat([sshString(transport.sessionId), request])
  return Buffer.concat([request, sshString(signer.sign(signedData, algorithm))])
}

function refusal(route: Route, payload: Buffer): string {
  const reader = createReader(payload)
  reader.u8()
  const methods = reader.text()
  const { login } = route
  const offered =
    'key' in login
      ? `the key ${login.key}`
      : `a certificate for ${login.certificate.principals.join(', ')}`
  return `${offered} for ${login.login} (it would take ${printable(methods)})`
}

function preferring(cipher: string | undefined): AlgorithmChoice {
  if (cipher === undefined) return DEFAULT_ALGORITHMS
  const others = DEFAULT_ALGORITHMS.ciphers.filter((other) => other !== cipher)
  return { ...DEFAULT_ALGORITHMS, ciphers: [cipher, ...others] }
}

function upstreamError(
  text: string,
  failure: UpstreamFailure = 'unreachable',
  cause?: unknown,
): UpstreamError {
  return new UpstreamError(failure, text, cause)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
