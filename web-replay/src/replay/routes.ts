import { playerIndex, segmentEvents } from '@sallyport/recorder/replay'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { Guard } from '../login/guard.ts'
import type { SignIn } from '../login/sign-ins.ts'
import { visibleText } from '../review/visible-text.ts'
import type { AccessHistory, AccessRow, ReplaySource } from '../roles.ts'
import { readEventLog } from './event-log.ts'
import { findChannel, findNamed, type FindRecording, type FoundChannel } from './find-channel.ts'
import type { NoteOnce } from './once.ts'
import { askOutline } from './ask-outline.ts'
import { fileView, outlineView } from './outline-view.ts'
import { sendSegment } from './send-segment.ts'
import { rangeOf } from './window.ts'

export interface ReplayRoutesOptions {
  readonly guard: Guard
  readonly find: FindRecording
  readonly source: ReplaySource
  readonly history: AccessHistory | undefined
  readonly note: NoteOnce
}

/** Channels whose files are listed together. */
const MOST_CHANNELS = 50
const MOST_ACCESSES = 500
const NUMBER = /^(?:0|[1-9][0-9]{0,5})$/

/** Returns what a replay is made of: outline, player's index and segments, files, events, and who has looked. */
export function replayRoutes(options: ReplayRoutesOptions): Router {
  const { guard, find, source, history, note } = options

  type Use = (found: FoundChannel, request: Request, response: Response) => Promise<void>

  /** Answers for a channel that this reviewer may see, once it is written down that they look at it. */
  function ofChannel(use: Use): ReturnType<Guard['api']> {
    return guard.api('recordings.view', async (request, response, viewer) => {
      const found = await findChannel(request, viewer, find)
      if (found === undefined) return noSuchSession(response)
      const { recordingId, row } = found
      const detail = { recordingId, channel: row.channel, part: 'replay' }
      await note('review.viewed', request, viewer, detail)
      await use(found, request, response)
    })
  }

  async function outline(
    { recordingId, row }: FoundChannel,
    _request: Request,
    response: Response,
  ): Promise<void> {
    const answer = await source.outline(recordingId, row.channel)
    if (answer.kind === 'none') noSuchSession(response)
    else if (answer.kind === 'preparing') response.status(202).json({ preparing: answer.done })
    else response.json(outlineView(answer.outline, answer.done))
  }

  async function index(
    { recordingId, row }: FoundChannel,
    request: Request,
    response: Response,
  ): Promise<void> {
    const known = await askOutline(source, recordingId, row.channel, request, response)
    if (known === undefined) return
    const skipIdle = request.query['idle'] === 'skip'
    const query = new URLSearchParams({ size: String(known.size) })
    if (skipIdle) query.set('idle', 'skip')
    response.json(
      playerIndex(known, { skipIdle, url: (part) => `segments/${part}?${query.toString()}` }),
    )
  }

  async function segment(
    { recordingId, row }: FoundChannel,
    request: Request,
    response: Response,
  ): Promise<void> {
    const known = await askOutline(source, recordingId, row.channel, request, response)
    if (known === undefined) return
    const number = String(request.params['segment'])
    const range = NUMBER.test(number) ? rangeOf(known, Number(number)) : undefined
    const file = range && (await source.openCast(recordingId, row.channel))
    if (range === undefined || file === undefined) return noSuchSession(response)
    const skipIdle = request.query['idle'] === 'skip'
    const events = segmentEvents(file.chunks({ from: range.from, to: range.to }), {
      outline: known,
      segment: range.segment,
      skipIdle,
    })
    await sendSegment(response, range.segment.screen, events)
  }

  async function files(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const detail = await findNamed(request, viewer, find)
    if (detail === undefined) return noSuchSession(response)
    const recordingId = detail.recording.id
    await note('review.viewed', request, viewer, { recordingId, part: 'files' })
    const rows: unknown[] = []
    let pending = false
    for (const { channel } of detail.channels.slice(0, MOST_CHANNELS)) {
      const answer = await source.outline(recordingId, channel)
      if (answer.kind === 'preparing') pending = true
      if (answer.kind !== 'outline') continue
      if (answer.done !== undefined) pending = true
      rows.push(...answer.outline.files.map((row) => fileView(channel, row)))
    }
    response.json({ files: rows, pending, more: detail.channels.length > MOST_CHANNELS })
  }

  async function events(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const detail = await findNamed(request, viewer, find)
    if (detail === undefined) return noSuchSession(response)
    const recordingId = detail.recording.id
    await note('review.viewed', request, viewer, { recordingId, part: 'events' })
    const file = await source.openEvents(recordingId)
    response.json(file === undefined ? { events: [], more: false } : await readEventLog(file))
  }

  async function accesses(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const detail = await findNamed(request, viewer, find)
    if (detail === undefined) return noSuchSession(response)
    const rows = (await history?.of(detail.recording.id, MOST_ACCESSES)) ?? []
    response.json({ accesses: rows.map(accessView) })
  }

  const base = '/api/sessions/:id/channels/:channel'
  const router = Router()
  router.get(`${base}/outline`, ofChannel(outline))
  router.get(`${base}/index`, ofChannel(index))
  router.get(`${base}/segments/:segment`, ofChannel(segment))
  router.get('/api/sessions/:id/files', guard.api('recordings.view', files))
  router.get('/api/sessions/:id/events', guard.api('recordings.view', events))
  router.get('/api/sessions/:id/accesses', guard.api('recordings.view', accesses))
  return router
}

function accessView(row: AccessRow): Readonly<Record<string, unknown>> {
  const { at, event, channel, part, words, name, subject, issuer, clientAddress } = row
  return {
    at,
    event: visibleText(event),
    channel,
    part: part && visibleText(part),
    words: words && visibleText(words),
    name: visibleText(name),
    subject: visibleText(subject),
    issuer: visibleText(issuer),
    clientAddress: visibleText(clientAddress),
  }
}

function noSuchSession(response: Response): void {
  sendProblem(response, 404, 'No such session', 'No recording has this id and channel.')
}
