import { request } from 'node:http'
import { BastionError } from '../errors.ts'
import type { Answer } from './call.ts'
import { ACCOUNT_HEADER } from './claimant.ts'
import { SOCKET_NAME, socketPath, type SocketPath } from './socket-path.ts'

export interface ControlCall {
  /** The data folder of the bastion. */
  readonly data: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Milliseconds until an answer must be there. */
  readonly timeout?: number | undefined
  /** Who says to be calling. */
  readonly account?: string | undefined
}

const TIMEOUT = 30_000

/** Asks a running bastion. Throws ERR_BASTION_CONTROL when none runs there, or it does not answer. */
export async function callControl(call: ControlCall): Promise<Answer> {
  const { data } = call
  let reached: SocketPath
  try {
    reached = socketPath(data, SOCKET_NAME)
  } catch (error) {
    throw explained(error, data)
  }
  try {
    return await exchange(call, reached.path)
  } catch (error) {
    throw explained(error, data)
  } finally {
    reached.release()
  }
}

/** Whether a call failed because no bastion runs with that data folder. */
export function isNobodyThere(error: unknown): boolean {
  const cause = error instanceof BastionError ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED'
}

function exchange(call: ControlCall, socket: string): Promise<Answer> {
  const { method, path, body, account, timeout = TIMEOUT } = call
  const text = body === undefined ? '' : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      'Content-Length': Buffer.byteLength(text),
      ...(account === undefined ? {} : { [ACCOUNT_HEADER]: encodeURIComponent(account) }),
    }
    const options = { socketPath: socket, method, path, headers, timeout, agent: false }
    const sent = request(options, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.once('error', reject)
      response.once('end', () => {
        try {
          const answer: unknown = JSON.parse(Buffer.concat(pieces).toString())
          resolve({ status: response.statusCode ?? 0, body: answer })
        } catch (error) {
          reject(error)
        }
      })
    })
    sent.once('timeout', () => sent.destroy(new Error('it did not answer in time')))
    sent.once('error', reject)
    sent.end(text)
  })
}

function explained(error: unknown, data: string): BastionError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
      return controlError(`no bastion runs with the data folder ${data}`, error)
    case 'EACCES':
    case 'EPERM':
      return controlError(
        `the control socket in ${data} is for the bastion's own account alone`,
        error,
      )
    default: {
      const reason = error instanceof Error ? error.message : String(error)
      return controlError(`the bastion with the data folder ${data} failed: ${reason}`, error)
    }
  }
}

function controlError(text: string, cause: unknown): BastionError {
  return new BastionError('ERR_BASTION_CONTROL', text, cause)
}
