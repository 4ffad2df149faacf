import type { PublicKey } from '@sallyport/keys/publickey'
import { verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import type { AuthContext, Connection, ServerChannel, Session } from 'ssh2'
import type { Program, ProgramOutput, ProgramRequest, TerminalSize } from './target/program.ts'

export interface SshServerOptions {
  readonly host: string
  readonly port: number
  /** The private host key in OpenSSH's format. */
  readonly hostKey: string
  readonly login: string
  /** The only key that may log in; ed25519. */
  readonly authorizedKey: PublicKey
  /** Returns undefined when there is nothing of that kind here. */
  readonly start: (request: ProgramRequest, output: ProgramOutput) => Program | undefined
}

export interface SshServer {
  close(): Promise<void>
}

/** Clients tell only servers of this name when they want no more output (eow@openssh.com). */
const IDENT = 'OpenSSH_9.9 sallyport-demonstration'

/** Starts an SSH server for one login and one key. It knows sessions and no forwarding. */
export async function openSshServer(options: SshServerOptions): Promise<SshServer> {
  // Its keepalives would be answered by whatever is at the other end; a demonstration needs none.
  ssh2.Server.KEEPALIVE_CLIENT_INTERVAL = 0
  const ssh = new ssh2.Server({ hostKeys: [options.hostKey], ident: IDENT }, (connection) => {
    connection.on('error', () => connection.end())
    connection.on('authentication', (context) => {
      if (isAuthorized(context, options)) context.accept()
      else context.reject(['publickey'])
    })
    const closers = watchEndOfWrite(connection)
    connection.on('session', (accept) => serveSession(accept(), options, closers))
  })
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    ssh.injectSocket(socket)
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  return {
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

function isAuthorized(context: AuthContext, { login, authorizedKey }: SshServerOptions): boolean {
  if (context.method !== 'publickey' || context.username !== login) return false
  if (!authorizedKey.blob.equals(context.key.data)) return false
  // A request without a signature only asks whether the key would do.
  if (context.signature === undefined || context.blob === undefined) return true
  return verify(null, context.blob, authorizedKey.key, context.signature) === true
}

type OutputClosers = Map<unknown, () => void>

interface ConnectionInternals {
  readonly _chanMgr: { get(channel: number): unknown }
  readonly _protocol: {
    readonly _handlers: { CHANNEL_REQUEST: RequestReceiver }
  }
}

type RequestReceiver = (from: unknown, channel: number, type: string, ...rest: unknown[]) => void

/**
 * Returns where a session enters what it does when the client wants no more of its output (OpenSSH's PROTOCOL, section
 * 2.1). ssh2 has no event for it, and without it `ssh HOST yes | head` never ends.
 */
function watchEndOfWrite(connection: Connection): OutputClosers {
  const closers: OutputClosers = new Map()
  const { _chanMgr: channels, _protocol: protocol } = connection as unknown as ConnectionInternals
  const handlers = protocol._handlers
  const inner = handlers.CHANNEL_REQUEST
  handlers.CHANNEL_REQUEST = (from, channel, type, ...rest) => {
    if (type === 'eow@openssh.com') closers.get(channels.get(channel))?.()
    inner(from, channel, type, ...rest)
  }
  return closers
}

function serveSession(session: Session, options: SshServerOptions, closers: OutputClosers): void {
  const env: Record<string, string> = {}
  let terminal: ProgramRequest['terminal']
  let program: Program | undefined

  const begin = (
    kind: ProgramRequest['kind'],
    text: string,
    accept: () => ServerChannel,
    reject: () => void,
  ): void => {
    // Nothing may come between: ssh2 accepts nothing any more once the client has sent EOF.
    const bridge = createBridge()
    program = options.start({ kind, text, env, ...(terminal && { terminal }) }, bridge.output)
    if (program === undefined) return reject?.()
    const channel = accept()
    bridge.connect(channel, program)
    closers.set(session, program.outputUnwanted)
    channel.on('close', () => closers.delete(session))
  }
  session.on('env', (accept, reject, { key, val }) => {
    if (!/^(?:LANG|LC_[A-Z]+)$/.test(key)) return reject?.()
    env[key] = val
    accept?.()
  })
  session.on('pty', (accept, _reject, { cols, rows, term = 'dumb' }: PtyRequest) => {
    terminal = { cols, rows, type: term }
    accept?.()
  })
  session.on('window-change', (accept, _reject, { cols, rows }) => {
    program?.resize({ cols, rows })
    accept?.()
  })
  session.on('signal', (accept, _reject, { name }) => {
    program?.signal(name)
    accept?.()
  })
  session.on('shell', (accept, reject) => begin('shell', '', accept, reject))
  session.on('exec', (accept, reject, { command }) => begin('exec', command, accept, reject))
  session.on('subsystem', (accept, reject, { name }) => begin('subsystem', name, accept, reject))
}

type PtyRequest = TerminalSize & { readonly term?: string }

interface Bridge {
  readonly output: ProgramOutput
  connect(channel: ServerChannel, program: Program): void
}

/**
 * Connects a program with the channel that is accepted for it.
 *
 * ssh2 keeps the rest of a write that met a full window, sends it again when the window opens for the other stream, and
 * then forgets that one. So only one write is under way at a time, over both streams, and what it kept is cleared after
 * each.
 */
function createBridge(): Bridge {
  const connected = Promise.withResolvers<ServerChannel>()
  let last: Promise<void> = Promise.resolve()

  const send = (bytes: Buffer, isError: boolean): Promise<void> => {
    last = last.then(async () => {
      const channel = await connected.promise
      const stream = isError ? channel.stderr : channel
      await new Promise<void>((resolve) => void stream.write(bytes, () => resolve()))
      Object.assign(channel, {
        _chunk: undefined,
        _chunkcb: undefined,
        _chunkErr: undefined,
        _chunkcbErr: undefined,
      })
    })
    return last
  }

  return {
    output: {
      stdout: (bytes) => send(bytes, false),
      stderr: (bytes) => send(bytes, true),
      ended: (end) => {
        void connected.promise.then((channel) => {
          if (end.kind === 'exit') channel.exit(end.status)
          else channel.exit(end.signal)
          channel.end()
        })
      },
    },
    connect(channel, program) {
      channel.on('data', (bytes: Buffer) => {
        if (!program.input(bytes)) channel.pause()
      })
      program.onDrain(() => channel.resume())
      channel.on('end', () => program.inputEnded())
      channel.on('close', () => program.hangUp())
      channel.on('error', () => program.hangUp())
      connected.resolve(channel)
    },
  }
}
