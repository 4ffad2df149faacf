import { type Outline, transcript, type TranscriptLine } from '@sallyport/recorder/replay'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { Guard } from '../login/guard.ts'
import type { SignIn } from '../login/sign-ins.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import { sendText } from '../review/send.ts'
import { visibleText } from '../review/visible-text.ts'
import type { ReplaySource } from '../roles.ts'
import { askOutline } from './ask-outline.ts'
import { findChannel, type FindRecording } from './find-channel.ts'
import type { NoteOnce } from './once.ts'
import { parsePlace, placeText, rangeOf, walk } from './window.ts'

export interface TranscriptRoutesOptions {
  readonly guard: Guard
  readonly find: FindRecording
  readonly source: ReplaySource
  readonly trail: AuditTrail
  readonly note: NoteOnce
}

const MOST_LINES = 5000
const MOST_HITS = 200
/** About so many megabytes are looked through for one answer. */
const MOST_SEGMENTS = 20
const LONGEST_WORDS = 200
const LONGEST_SHOWN = 4000

/** Returns the transcript of a channel: in windows, searched, and whole as plain text. */
export function transcriptRoutes(options: TranscriptRoutesOptions): Router {
  const { guard, find, source, trail, note } = options

  async function linesOf(
    recordingId: string,
    channel: number,
    outline: Outline,
    index: number,
  ): Promise<AsyncIterable<readonly TranscriptLine[]> | undefined> {
    const range = rangeOf(outline, index)
    const file = range && (await source.openCast(recordingId, channel))
    if (range === undefined || file === undefined) return undefined
    return transcript(file.chunks({ from: range.from, to: range.to }), range.segment)
  }

  async function window(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const found = await findChannel(request, viewer, find)
    if (found === undefined) return noSuchSession(response)
    const { recordingId, row } = found
    const { channel } = row
    const words = request.query['find']
    if (words !== undefined && !isWords(words)) {
      return sendProblem(response, 400, 'Malformed query', 'find must be 1 to 200 characters.')
    }
    if (words === undefined) {
      const detail = { recordingId, channel, part: 'transcript' }
      await note('review.viewed', request, viewer, detail)
    } else {
      await note('review.text-searched', request, viewer, { recordingId, channel, words })
    }
    const outline = await askOutline(source, recordingId, channel, request, response)
    if (outline === undefined) return
    const place = parsePlace(request.query['after'], outline)
    if (place === undefined) {
      return sendProblem(response, 400, 'Malformed query', 'after must be from an earlier answer.')
    }
    const wanted = words?.toLowerCase()
    const lines: unknown[] = []
    const most = wanted === undefined ? MOST_LINES : MOST_HITS
    const next = await walk({
      outline,
      place,
      linesOf: (index) => linesOf(recordingId, channel, outline, index),
      mostSegments: wanted === undefined ? 1 : MOST_SEGMENTS,
      take(line) {
        if (wanted === undefined || line.text.toLowerCase().includes(wanted)) {
          lines.push(lineView(line))
        }
        return lines.length < most
      },
    })
    response.json({ lines, ...(next === undefined ? {} : { next: placeText(next) }) })
  }

  async function download(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const found = await findChannel(request, viewer, find)
    if (found === undefined) return noSuchSession(response)
    const { recordingId, row } = found
    const { channel } = row
    await trail.write('review.text-downloaded', request, viewer, { recordingId, channel })
    const file = await source.openCast(recordingId, channel)
    if (file === undefined) return noSuchSession(response)
    response.attachment(`${recordingId}-${channel}.txt`).type('text/plain; charset=utf-8')
    await sendText(response, plainLines(transcript(file.chunks())))
  }

  const base = '/api/sessions/:id/channels/:channel'
  const router = Router()
  router.get(`${base}/transcript`, guard.api('recordings.view', window))
  router.get(`${base}/text`, guard.api('recordings.raw', download))
  return router
}

function isWords(words: unknown): words is string {
  return typeof words === 'string' && words.trim() !== '' && words.length <= LONGEST_WORDS
}

function lineView({ time, stream, text, isNotice }: TranscriptLine): unknown {
  const line = { time, text: visibleText(text, LONGEST_SHOWN) }
  if (isNotice === true) return { ...line, kind: 'notice' }
  return stream === 2 ? { ...line, kind: 'stderr' } : line
}

async function* plainLines(
  lists: AsyncIterable<readonly TranscriptLine[]>,
): AsyncGenerator<string> {
  for await (const lines of lists) {
    for (const { text, isNotice } of lines) {
      yield `${isNotice === true ? text : visibleText(text, LONGEST_SHOWN)}\n`
    }
  }
}

function noSuchSession(response: Response): void {
  sendProblem(response, 404, 'No such session', 'No recording has this id and channel.')
}
