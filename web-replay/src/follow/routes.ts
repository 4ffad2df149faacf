import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import { SIGN_IN_COOKIE, parseCookies } from '../login/cookies.ts'
import type { Guard } from '../login/guard.ts'
import type { SignIn, SignIns } from '../login/sign-ins.ts'
import { findChannel, type FindRecording } from '../replay/find-channel.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import type { LiveRecordings, ReplaySource } from '../roles.ts'
import { createFollower, type Follower, type FollowNews } from './follower.ts'

export interface FollowRoutesOptions {
  readonly guard: Guard
  readonly find: FindRecording
  readonly source: ReplaySource
  readonly live: LiveRecordings
  readonly signIns: SignIns
  readonly trail: AuditTrail
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

/** Streams of one person and of all. */
const MOST_OF_ONE = 6
const MOST = 100
/** Milliseconds between signs of life, and between looks at whether the sign-in still stands. */
const BEAT = 10_000
/** Bytes that a browser may leave unread before nothing more is read for it. */
const MOST_UNREAD = 256 * 1024

interface Stream {
  readonly person: string
  readonly signInId: string | undefined
  readonly response: Response
  readonly follower: Follower
}

/** Returns the route that follows a running channel, as an event stream; `close` ends the streams that are open. */
export function followRoutes(options: FollowRoutesOptions): {
  readonly router: Router
  close(): void
} {
  const { guard, find, source, live, signIns, trail, now, onError } = options
  const streams = new Set<Stream>()
  let beat: NodeJS.Timeout | undefined

  function end(stream: Stream): void {
    if (!streams.delete(stream)) return
    stream.follower.stop()
    stream.response.end()
    if (streams.size > 0) return
    clearInterval(beat)
    beat = undefined
  }

  function look(): void {
    for (const stream of streams) {
      if (!signIns.isLive(stream.signInId)) end(stream)
      else if (stream.response.writableLength === 0) stream.response.write(':\n\n')
    }
  }

  async function follow(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const found = await findChannel(request, viewer, find)
    if (found === undefined) {
      return sendProblem(response, 404, 'No such session', 'No recording has this id and channel.')
    }
    const person = JSON.stringify([viewer.issuer, viewer.subject])
    const own = [...streams].filter((stream) => stream.person === person)
    if (own.length >= MOST_OF_ONE || streams.size >= MOST) {
      const detail = 'Close another page that follows a session.'
      return sendProblem(response, 429, 'Too many open pages', detail)
    }
    const { recordingId, row } = found
    await trail.write('review.followed', request, viewer, { recordingId, channel: row.channel })
    let wake = (): void => undefined
    const channel = live.watch(recordingId, row.channel, () => wake())
    // An event source takes this for the end, and does not ask again.
    if (channel === undefined) return void response.status(204).end()

    const say = (news: FollowNews): boolean => {
      if (!streams.has(stream)) return false
      response.write(`event: ${news.kind}\ndata: ${JSON.stringify(news)}\n\n`)
      if (news.kind === 'done') end(stream)
      return response.writableLength <= MOST_UNREAD
    }
    const follower = createFollower({
      channel,
      pty: row.pty,
      openCast: async () => source.openCast(recordingId, row.channel),
      now,
      say,
      onError(error) {
        onError(error)
        end(stream)
      },
    })
    const signInId = parseCookies(request.headers.cookie).get(SIGN_IN_COOKIE)
    const stream: Stream = { person, signInId, response, follower }
    streams.add(stream)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    response.write('retry: 2000\n\n')
    response.on('drain', () => follower.ready())
    response.on('close', () => end(stream))
    beat ??= setInterval(look, BEAT).unref()
    wake = () => follower.wake()
    wake()
  }

  const unsubscribe = signIns.onEnd(look)
  const router = Router()
  router.get('/api/sessions/:id/channels/:channel/live', guard.api('recordings.view', follow))
  return {
    router,
    close() {
      unsubscribe()
      for (const stream of streams) end(stream)
    },
  }
}
