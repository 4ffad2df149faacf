import type { Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import { isInScope } from '../find/scope.ts'
import type { Answer } from '../login/guard.ts'
import { SIGN_IN_COOKIE, parseCookies } from '../login/cookies.ts'
import type { SignIn, SignIns } from '../login/sign-ins.ts'
import type { Scope } from '../roles.ts'

/** Streams of one person and of all. */
const MOST_OF_ONE = 6
const MOST = 200
/** Milliseconds between signs of life, and between looks at whether the sign-in still stands. */
const BEAT = 15_000
/** Milliseconds in which several changes become one message. */
const PAUSE = 300
/** Bytes that a browser may leave unread before it is let go. */
const MOST_UNREAD = 16 * 1024

export interface LiveStreams {
  /** Answers with a stream that says `changed`, and nothing else, until the sign-in ends. */
  readonly open: Answer
  /** Something has changed; what is of one target is told to those alone who may see the target. */
  changed(target?: string): void
  close(): void
}

interface Stream {
  readonly person: string
  readonly scope: Scope
  readonly signInId: string | undefined
  readonly response: Response
}

const everything: Scope = { kind: 'all' }

/** Returns the open streams, none to begin with; without `scopeOf` everybody may see every target. */
export function createLiveStreams(
  signIns: SignIns,
  scopeOf: (viewer: SignIn) => Scope = () => everything,
): LiveStreams {
  const streams = new Set<Stream>()
  const touched = new Set<string | undefined>()
  let beat: NodeJS.Timeout | undefined
  let pause: NodeJS.Timeout | undefined

  function end(stream: Stream): void {
    streams.delete(stream)
    stream.response.end()
    if (streams.size > 0) return
    clearInterval(beat)
    beat = undefined
  }

  function dropEnded(): void {
    for (const stream of streams) if (!signIns.isLive(stream.signInId)) end(stream)
  }

  const unsubscribe = signIns.onEnd(dropEnded)

  function send(text: string, isFor: (scope: Scope) => boolean): void {
    for (const stream of streams) {
      if (!signIns.isLive(stream.signInId) || stream.response.writableLength > MOST_UNREAD) {
        end(stream)
      } else if (isFor(stream.scope)) stream.response.write(text)
    }
  }

  return {
    open(request, response, viewer) {
      const { issuer, subject } = viewer
      const person = JSON.stringify([issuer, subject])
      const own = [...streams].filter((stream) => stream.person === person)
      if (own.length >= MOST_OF_ONE || streams.size >= MOST) {
        sendProblem(response, 429, 'Too many open pages', 'Close another one of these pages.')
        return
      }
      const signInId = parseCookies(request.headers.cookie).get(SIGN_IN_COOKIE)
      const stream = { person, scope: scopeOf(viewer), signInId, response }
      streams.add(stream)
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
      response.write('retry: 3000\n\n')
      response.on('close', () => end(stream))
      beat ??= setInterval(() => send(':\n\n', () => true), BEAT).unref()
    },
    changed(target) {
      touched.add(target)
      pause ??= setTimeout(() => {
        pause = undefined
        const targets = [...touched]
        touched.clear()
        send('event: changed\ndata:\n\n', (scope) =>
          targets.some((each) => each === undefined || isInScope(scope, each)),
        )
      }, PAUSE).unref()
    },
    close() {
      unsubscribe()
      clearTimeout(pause)
      for (const stream of streams) end(stream)
    },
  }
}
