import { createReader } from '@sallyport/keys/wire'
import type { Allowed, DecisionQuestion } from '../decide/index.ts'
import { sshString } from '../ssh/messages.ts'
import type { Channel } from './channel.ts'
import type { ChannelRequest } from './channel-request.ts'

/** A start request as it is judged, and as lists name it. */
export interface StartRequest {
  readonly request: ChannelRequest
  readonly ask: DecisionQuestion
  readonly title: string
  readonly command?: string
}

/** Reads a request of type shell, exec or subsystem. */
export function readStart(channel: Channel, request: ChannelRequest): StartRequest {
  if (request.type === 'shell') {
    return { request, ask: { kind: 'shell', pty: channel.terminal !== undefined }, title: 'shell' }
  }
  const reader = createReader(request.body)
  if (request.type === 'subsystem') {
    const name = reader.text()
    reader.end()
    return { request, ask: { kind: 'subsystem', name }, title: `subsystem ${name}` }
  }
  const command = reader.string()
  reader.end()
  const text = command.toString()
  return { request, ask: { kind: 'exec', command }, title: text, command: text }
}

/** What the target gets: of a command, the text that the decision printed, never the agent's own. */
export function startBody({ ask, request }: StartRequest, { send }: Pick<Allowed, 'send'>): Buffer {
  if (ask.kind !== 'exec') return request.body
  if (send === undefined) throw new TypeError('a command was allowed without a text to send')
  return sshString(send)
}
